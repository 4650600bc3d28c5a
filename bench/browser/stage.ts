/** Serves each setup: a replica with its settings, behind the witness. All replicas run in one process. */
import { afterEnding } from '../../core/errors.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import type { StartMessage } from '../../servers/messages.ts';
import { makeCertificate } from '../fleet/certificate.ts';
import type { Companion, CompanionOptions } from '../fleet/companions/companion.ts';
import { companionsMessage, startCompanions } from '../fleet/companions/start.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers, type User } from '../fleet/secrets.ts';
import type { Endpoint } from '../gate/http.ts';
import { startHost } from '../gate/stage/host.ts';
import { PARTNERS, urlOf } from './hosts.ts';
import { applicationPage } from './pages.ts';
import { type Setup, settingsOf } from './setups.ts';
import { startWitness, type Witness } from './witness.ts';

export interface Served {
  readonly user: User;
  readonly witness: Witness;
  readonly replica: Endpoint;
}

export interface Stage {
  /** Serves a setup once, and keeps it. @throws TollgateError if it cannot be served */
  serve(setup: Setup): Promise<Served>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';

/** The credential that the page requests at login, for an arm that has both kinds. */
export function askOf({ arm, cookie }: Pick<Setup, 'arm' | 'cookie'>): 'cookie' | 'token' | null {
  if (!arm.needsCsrfProtection || !arm.readableByScript) return null;
  return cookie === null ? 'token' : 'cookie';
}

function pageOf(setup: Setup): string {
  const { storage, cookie, arm } = setup;
  const proofs = cookie === null && arm.senderConstrained === true;
  const config = { storage, credential: cookie === null ? 'token' : 'cookie', proofs, sameSite: 'lax' } as const;
  return applicationPage(config, askOf(setup));
}

export async function openStage(
  janitor: CompanionOptions['janitor'],
  redis: { readonly url: string; readonly keyPrefix: string } | null,
): Promise<Stage> {
  const tls = makeCertificate();
  const [secrets, users] = await Promise.all([makeSecrets(), makeUsers(1, ARGON2_CHEAP)]);
  const [user] = users;
  if (user === undefined) throw new TypeError('makeUsers(1) makes one user and an administrator.');
  const host = startHost(janitor);
  const served = new Map<Setup, Promise<Served>>();
  const companions: Companion[] = [];

  async function start(setup: Setup): Promise<Served> {
    const witness = await startWitness(tls);
    try {
      const own = await startCompanions(setup.arm, { janitor, secrets, onDeath: () => {} });
      companions.push(...own);
      const allowedOrigins = Object.values(PARTNERS).map((name) => urlOf(name, witness.port, ''));
      const message: StartMessage = {
        type: 'start',
        arm: setup.arm.name,
        host: HOST,
        port: 0,
        secrets,
        users: users.map(({ record }) => record),
        settings: { ...settingsOf(setup), allowedOrigins },
        tls,
        ...(setup.arm.usesRedis && redis !== null ? { redis: { url: redis.url, keyPrefix: redis.keyPrefix } } : {}),
        ...companionsMessage(own),
      };
      const { port } = await host.serve(message);
      witness.connect(port, pageOf(setup));
      return { user: user as User, witness, replica: { host: HOST, port, certificate: tls.certificate } };
    } catch (error) {
      throw await afterEnding(error, () => witness.stop());
    }
  }

  return {
    serve(setup) {
      const known = served.get(setup);
      if (known !== undefined) return known;
      const fresh = start(setup);
      served.set(setup, fresh);
      // The caller that needs the setup gets the error; prefetching ignores it.
      fresh.catch(() => {});
      return fresh;
    },
    async stop() {
      // Setups that are still starting are stopped too.
      const started = await Promise.allSettled(served.values());
      const witnesses = started.map((result) => (result.status === 'fulfilled' ? result.value.witness : null));
      await stopInOrder([witnesses, [host], companions]);
    },
  };
}
