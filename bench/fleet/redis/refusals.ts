/** The errors with which a Redis refuses a command, and what to do about each. Pure. */
import { environmentError, messageOf, type TollgateError } from '../../../core/errors.ts';

const OWN = 'or unset REDIS_URL to let Tollgate start its own';

interface Refusal {
  readonly says: RegExp;
  readonly means: string;
  readonly hint: string;
}

/** Refusals in matching order; the first word of Redis' errors is the code. */
const REFUSALS: readonly Refusal[] = [
  {
    says: /DENIED|protected mode/i,
    means: 'is in protected mode, and only accepts connections from its own machine',
    hint: `give it a password (requirepass), use a loopback address, ${OWN}`,
  },
  {
    says: /NOAUTH|HELLO must be called with the client already authenticated/,
    means: 'requires a password',
    hint: `put it into the URL, redis://:PASSWORD@HOST:PORT, or redis://USER:PASSWORD@HOST:PORT for a user of an ACL; ${OWN}`,
  },
  {
    says: /WRONGPASS|invalid password|invalid username-password/i,
    means: 'refuses the user or the password',
    hint: `correct them in REDIS_URL, with : / ? # @ % as %3A %2F %3F %23 %40 %25; a user may also be off (ACL LIST); ${OWN}`,
  },
  {
    says: /without any password configured/i,
    means: 'has no password, but REDIS_URL has one',
    hint: 'take the password out of REDIS_URL',
  },
  {
    says: /NOPERM|user executing the script can't/,
    means: 'does not permit this user what the servers need',
    hint: `allow it, as with ACL SETUSER USER on '~tollgate:*' +@all, use another user in REDIS_URL, ${OWN}`,
  },
  {
    says: /READONLY/,
    means: 'is a replica, which accepts no writes',
    hint: `use its primary (INFO replication shows master_host), ${OWN}`,
  },
  {
    says: /DB index is out of range|invalid DB index|SELECT is not allowed/i,
    means: 'has no database with that number',
    hint: 'use a lower number in REDIS_URL, such as /0; CONFIG GET databases shows how many there are',
  },
  {
    says: /MISCONF/,
    means: 'refuses writes, because it cannot save its data',
    hint: `free space where it saves, or CONFIG SET stop-writes-on-bgsave-error no; its log says why; ${OWN}`,
  },
  {
    says: /LOADING/,
    means: 'is still loading its data',
    hint: 'wait until INFO persistence says loading:0, then try again',
  },
  {
    says: /MOVED|ASK |CLUSTERDOWN|CROSSSLOT/,
    means: 'is a node of a cluster and has only part of the keys',
    hint: 'use a single server; or unset REDIS_URL, and start a cluster of three nodes with --redis cluster',
  },
  {
    says: /MASTERDOWN/,
    means: 'is a replica that has lost its primary',
    hint: `use the primary, ${OWN}`,
  },
  {
    says: /NOREPLICAS/,
    means: 'refuses writes, because too few replicas are connected',
    hint: `connect them, set min-replicas-to-write to 0, ${OWN}`,
  },
  {
    says: /OOM command not allowed/,
    means: 'has no memory left for writes',
    hint: `raise its maxmemory, ${OWN}`,
  },
  {
    says: /max number of clients/i,
    means: 'accepts no more connections',
    hint: `raise its maxclients, ${OWN}`,
  },
  {
    says: /self[- ]signed certificate|unable to (verify|get)|UNABLE_TO|SELF_SIGNED/i,
    means: 'has a certificate from an authority that Node does not trust',
    hint: 'set NODE_EXTRA_CA_CERTS to the certificate of that authority (PEM), or NODE_USE_SYSTEM_CA=1 if the system trusts it',
  },
  {
    says: /certificate has expired|CERT_/i,
    means: 'has a certificate that is not valid now',
    hint: 'renew it',
  },
  {
    says: /altnames|ERR_TLS_CERT_ALTNAME/i,
    means: 'has a certificate for another name',
    hint: 'use the host name of the certificate in REDIS_URL',
  },
  {
    says: /certificate required|handshake failure/i,
    means: 'requires a client certificate, which Tollgate does not have',
    hint: `set tls-auth-clients no, ${OWN}`,
  },
  {
    says: /wrong version number|packet length too long|EPROTO/i,
    means: 'does not speak TLS on that port',
    hint: 'use redis:// instead of rediss://, or its tls-port',
  },
];

/**
 * @param doing what was tried, in Redis' terms; absent if it is obvious @returns the error with Redis' own words,
 * which contain no password; null for any other cause
 */
export function refusalOf(error: unknown, doing?: string): TollgateError | null {
  const text = messageOf(error);
  const found = REFUSALS.find(({ says }) => says.test(text));
  if (found === undefined) return null;
  const asked = doing === undefined ? '' : ` to ${doing}`;
  return environmentError(`the Redis at REDIS_URL ${found.means} (its answer${asked}: ${shown(text)})`, found.hint);
}

const LONGEST = 160;
const shown = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/** The error for every other failure. */
export function unreachable(error: unknown): TollgateError {
  return environmentError(
    `the Redis at REDIS_URL does not answer (${shown(messageOf(error))})`,
    'start it, correct REDIS_URL (rediss:// is only for TLS), or unset it to let Tollgate start its own',
  );
}
