/** Servers with known behaviour and load on them, stopped at the end of a file's tests. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import { kindNamed } from '../../../bench/calibrate/kinds/registry.ts';
import { startTruthServer } from '../../../bench/calibrate/truth/client.ts';
import { type Generator, startGenerator } from '../../../bench/load/generator.ts';
import type { Target } from '../../../bench/load/protocol.ts';
import type { Tally } from '../../../bench/load/replies.ts';
import { Janitor } from '../../../bench/processes/janitor.ts';
import { stopCounting } from './counting.ts';

export interface Server {
  readonly pid: number;
  readonly port: number;
}

export interface KnownServers {
  janitor(): Janitor;
  /** Called after the test, last first. */
  afterwards(close: () => Promise<unknown> | unknown): void;
  truthServer(name: string): Promise<Server>;
  generator(): Generator;
  closed(aim: Target, connections: number, windowMs?: number): Promise<Tally>;
}

/** Registers the hooks that start and stop them; call it once, at the top. */
export function knownServers(): KnownServers {
  let janitor: Janitor | undefined;
  const closers: (() => Promise<unknown> | unknown)[] = [];
  beforeAll(async () => {
    janitor = await Janitor.start();
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    await stopCounting();
  });
  afterAll(() => janitor?.finish());

  function started(): Janitor {
    if (janitor === undefined) throw new Error('The janitor starts before the tests, not before the file.');
    return janitor;
  }
  function generator(): Generator {
    const made = startGenerator(started());
    closers.push(() => made.stop());
    return made;
  }
  return {
    janitor: started,
    afterwards: (close) => closers.push(close),
    async truthServer(name) {
      const server = await startTruthServer(kindNamed(name));
      closers.push(() => server.stop());
      return { pid: server.pid, port: server.address.port };
    },
    generator,
    closed: (aim, connections, windowMs = 400) =>
      generator().ask('closed', { target: aim, connections, rampMs: 100, windowMs }),
  };
}

export function target(key: string, servers: readonly Server[], pids = servers.map(({ pid }) => pid)): Target {
  const request = { method: 'GET', path: '/', headers: {}, expectedStatus: 200, expectedBody: 'ok' };
  return {
    key,
    addresses: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    requests: Array.from({ length: 10 }, () => request),
    processes: { replicas: pids, redis: null },
  };
}

export const position = { fork: 0, block: 0, order: 0 };
