/** Companions of arms for tests: servers in the test's process, and separate processes if they must be frozen. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { provideSqliteFile } from '../../bench/fleet/companions/sqlite.ts';
import { companionsMessage, startCompanions, stopCompanions } from '../../bench/fleet/companions/start.ts';
import type { CompanionAddresses, Secrets } from '../../servers/configuration.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { buildIssuer } from '../../servers/issuer/app.ts';
import { testJanitor } from './janitor.ts';
import { ownTables } from './postgres.ts';

export interface TestCompanions {
  /** For `buildApp`, or a start message. */
  readonly addresses: CompanionAddresses;
  /** Left out for servers in the test's process. */
  readonly control?: { freeze(): void; thaw(): void };
  stop(): Promise<void>;
}

export type Needs = Pick<ArmInfo, 'companions'>;

export interface TestIssuer {
  readonly app: FastifyInstance;
  readonly address: { readonly url: string; readonly secret: string };
}

/** @param now the authorization server's clock */
export async function issuerHere(now: () => number = Date.now, signingKey?: string): Promise<TestIssuer> {
  const secret = randomBytes(32).toString('base64url');
  const app = await buildIssuer({ secret, signingKey, now });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, address: { url, secret } };
}

/** In the test's process: cheap, and with the test's clock. */
export async function companionsHere(
  { companions = [] }: Needs,
  { rsaPrivateKey }: Pick<Secrets, 'rsaPrivateKey'>,
  now?: () => number,
): Promise<TestCompanions> {
  const issuer = companions.includes('issuer') ? await issuerHere(now, rsaPrivateKey) : null;
  const file = companions.includes('sqlite') ? await provideSqliteFile({ janitor: await testJanitor() }) : null;
  const tables = companions.includes('postgres') ? await ownTables() : null;
  return {
    addresses: {
      ...(issuer === null ? {} : { issuer: issuer.address }),
      ...(tables === null ? {} : { postgres: tables }),
      ...(file === null ? {} : { sqlite: { ...file.address } }),
    },
    async stop() {
      issuer?.app.server.closeAllConnections();
      await issuer?.app.close();
      await file?.stop();
    },
  };
}

/** As processes, which can be frozen. The caller must stop them. */
export async function companionProcesses(needs: Needs, secrets: Secrets): Promise<TestCompanions> {
  const started = await startCompanions(needs, { janitor: await testJanitor(), secrets, onDeath: () => {} });
  const faults = started.find((companion) => companion.faults !== undefined)?.faults;
  return {
    addresses: companionsMessage(started).companions ?? {},
    ...(faults === undefined ? {} : { control: { freeze: () => faults.freeze(), thaw: () => faults.thaw() } }),
    stop: () => stopCompanions(started),
  };
}
