/** Checks 50–52: outages, logs, and replicas that must agree. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionError } from '../../load/connection/connection.ts';
import { type Check, guards, notApplicable, verdict } from '../check.ts';
import { type ClientSession, secretsIn } from '../client-session.ts';
import type { Answer } from '../http.ts';
import { type GateTarget, isFor } from '../target.ts';
import type { Which } from '../which.ts';

const REPLICAS: readonly Which[] = [0, 1];
/** The longest that a user waits; the stores give up well before. */
const DEADLINE_MS = 5_000;
const RECOVERS_WITHIN_MS = 10_000;

/** Returns the status, or 0 if there was no answer before the deadline. */
async function statusWithin(ask: () => Promise<Answer>): Promise<number> {
  try {
    return (await ask()).status;
  } catch (error) {
    if (error instanceof ConnectionError) return 0;
    throw error;
  }
}

/** Checks the answer to each kind of request while Redis is down. */
async function outageFaults(target: GateTarget, session: ClientSession): Promise<string[]> {
  const { survivesRedisOutage, revocation } = target.arm;
  const { username, password, record } = session.user;
  const statusOf = (answer: Promise<Answer>) => statusWithin(() => within(answer));
  const [transfer, disable, login, health] = await Promise.all([
    statusOf(target.write(0, session)),
    statusOf(target.write(0, session, `/admin/users/${record.id}/disable`)),
    statusOf(target.tryLogin(0, { username, password })),
    statusOf(target.call(0, { method: 'GET', path: '/healthz' })),
  ]);
  // A cached session is served for the declared time, outage or not.
  if (!survivesRedisOutage && typeof revocation === 'object') await sleep(revocation.withinMs);
  const me = await statusOf(target.read(0, session));

  const faults: string[] = [];
  const refuses = (what: string, status: number) => {
    if (status === 0) faults.push(`${what} was not answered within ${DEADLINE_MS / 1000} s`);
    else if (status < 400) faults.push(`${what} was done unchecked (${status})`);
    else if (status !== 503) faults.push(`${what} was answered with ${status}, not 503`);
  };
  refuses('a transfer', transfer);
  refuses('the disabling of a user', disable);
  refuses('a login', login);
  if (me !== (survivesRedisOutage ? 200 : 503)) {
    const declared = survivesRedisOutage ? 'survives' : 'does not survive';
    faults.push(`a light read was answered with ${me || 'nothing'}, and the arm says that it ${declared} this`);
  }
  if (health !== 200) faults.push(`the health check was answered with ${health}`);
  return faults;
}

/** @throws ConnectionError if the answer takes longer than a user waits */
function within(answer: Promise<Answer>): Promise<Answer> {
  const late = sleep(DEADLINE_MS, undefined, { ref: false }).then((): never => {
    throw new ConnectionError('no answer in time');
  });
  return Promise.race([answer, late]);
}

async function recovers(target: GateTarget, session: ClientSession): Promise<boolean> {
  const deadlineMs = performance.now() + RECOVERS_WITHIN_MS;
  while (performance.now() < deadlineMs) {
    if ((await statusWithin(() => target.write(0, session))) === 200) return true;
    await sleep(50);
  }
  return false;
}

/** Runs through the life of a credential, with valid and invalid requests. @returns the secrets that were exchanged */
async function wholeLife(target: GateTarget): Promise<string[]> {
  const user = target.freshUser();
  const wrong = `wrong-${user.password}`;
  await target.tryLogin(0, { username: user.username, password: wrong });
  const session = await target.login(0, user);
  const secrets = [wrong, user.password, ...secretsIn(session)];
  for (const which of REPLICAS) {
    await target.read(which, session);
    await target.write(which, session);
    await target.write(which, session, '/transfer', { to: 7 });
    await target.call(which, { method: 'GET', path: '/me', headers: { cookie: 'sid=%', authorization: 'Bearer x' } });
  }
  if (session.refreshToken !== null) await target.refresh(0, session.refreshToken);
  await target.write(0, session, '/logout');
  return secrets;
}

/** The log lines were written before the answers, so they arrive in our pipe within this time. */
const PIPE_MS = 150;

const pemBody = (pem: string) => pem.split('\n')[1] ?? pem;

export const FAILURE: readonly Check[] = [
  {
    id: 50,
    name: 'fails closed, and in time, while Redis does not answer',
    family: 'failure',
    refs: ['ASVS 16.5.2', 'ASVS 16.5.3'],
    quick: false,
    variant: 'outage',
    alone: true,
    timeoutMs: 40_000,
    appliesTo: (arm) => arm.usesRedis || 'the arm uses no Redis',
    async run(target) {
      const { redis } = target;
      if (redis === null)
        return notApplicable('the Redis at REDIS_URL must not be stopped: unset REDIS_URL for this check');
      const session = await target.login(0, target.admin);
      const before = await target.write(0, session);
      if (before.status !== 200) throw new Error(`a transfer was answered with ${before.status} before the outage`);
      redis.freeze();
      let faults: string[];
      try {
        faults = await outageFaults(target, session);
      } finally {
        redis.thaw();
      }
      if (!(await recovers(target, session))) faults.push('requests still fail after Redis has returned');
      return verdict(
        faults,
        'critical operations and logins were refused with 503 in time, and worked again with Redis',
      );
    },
  },
  {
    id: 51,
    name: 'writes no credential to its log',
    family: 'failure',
    refs: ['ASVS 16.2.5'],
    quick: false,
    variant: 'standard',
    alone: true,
    readsOutput: true,
    appliesTo: guards,
    async run(target) {
      const seen = await wholeLife(target);
      await sleep(PIPE_MS);
      const output = target.output();
      const { hmacKey, cookieKey, rsaPrivateKey, ecPrivateKey, edPrivateKey } = target.secrets;
      const keys = [hmacKey, cookieKey, ...[rsaPrivateKey, ecPrivateKey, edPrivateKey].map(pemBody)];
      const faults: string[] = [];
      if (seen.some((secret) => output.includes(secret))) faults.push('a password or credential is in the log');
      if (keys.some((key) => output.includes(key))) faults.push('a key is in the log');
      return verdict(faults, `none of ${seen.length} secrets is in ${output.length} characters of log`);
    },
  },
  {
    id: 52,
    name: 'accepts on each replica what the other issued',
    family: 'failure',
    refs: ['ASVS 7.2.1'],
    quick: true,
    variant: 'standard',
    appliesTo: guards,
    limitOf: (arm) => (arm.needsStickyRouting ? 'a credential works only where it was issued: route it there' : null),
    async run(target) {
      const statuses = new Set<number>();
      for (const issuer of REPLICAS) {
        const session = await target.login(issuer, target.freshUser());
        const own = await target.read(issuer, session);
        if (!isFor(own, session.user)) throw new Error(`the issuer itself answered with ${own.status}`);
        const other: Which = issuer === 0 ? 1 : 0;
        const read = await target.read(other, session);
        statuses.add(isFor(read, session.user) ? 200 : read.status === 200 ? 500 : read.status);
        statuses.add((await target.write(other, session)).status);
      }
      const refused = [...statuses].filter((status) => status !== 200);
      if (refused.length === 0) return verdict([], 'reads and transfers were answered by the other replica');
      if (statuses.size === 1 && statuses.has(401))
        return { result: 'limit', detail: 'the other replica refuses every credential' };
      return verdict([`the other replica answered with ${refused.join(' and ')}`], '');
    },
  },
];
