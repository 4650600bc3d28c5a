/** Finds the replicas of a shard, and waits until all are ready. */
import { lookup } from 'node:dns/promises';
import { request } from 'node:http';
import { setTimeout as elapsed } from 'node:timers/promises';
import type { PlacedFile } from '../../bench/fleet/placed.ts';
import { environmentError } from '../../core/errors.ts';
import type { GeneratorPlan } from '../plan.ts';

const POLL_MS = 500;
const ANSWER_MS = 3_000;

type Arm = GeneratorPlan['arms'][number];
type Addresses = PlacedFile['arms'][string];

export interface Finding {
  readonly signal: AbortSignal;
  /** The deadline on the clock of `performance.now`. */
  readonly deadlineMs: number;
  /** All addresses of a name; the system's resolver if left out. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

async function resolveAll(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/**
 * @param index of the shard, from 0
 *
 * @throws TollgateError if too few replicas of an arm answer in time; the signal's reason if it is aborted
 */
export async function findReplicas(arms: readonly Arm[], index: number, finding: Finding): Promise<PlacedFile['arms']> {
  const found = await Promise.all(arms.map((arm) => findAddresses(arm, arm.hosts[index] ?? '', finding)));
  return Object.fromEntries(arms.map(({ name }, i) => [name, found[i] ?? []]));
}

async function findAddresses(
  { name, port, addresses }: Arm,
  host: string,
  { signal, deadlineMs, resolve = resolveAll }: Finding,
): Promise<Addresses> {
  let last = 'its name is not known';
  for (;;) {
    signal.throwIfAborted();
    const hosts = await resolve(host).catch(() => []);
    if (hosts.length > addresses) {
      throw environmentError(
        `${host} has ${hosts.length} addresses, but ${addresses} were started`,
        'another run uses that name: stop it',
      );
    }
    if (hosts.length > 0) last = `${hosts.length} of ${addresses} replicas have started`;
    if (hosts.length === addresses) {
      const answers = await Promise.all(hosts.map((one) => isHealthy(one, port)));
      const ready = answers.filter((answer) => answer).length;
      last = `${ready} of ${addresses} replicas are ready`;
      // Sorted, so that a second attempt finds the same replicas in the same order.
      if (ready === addresses) return hosts.toSorted().map((one) => ({ host: one, port }));
    }
    if (performance.now() > deadlineMs) {
      throw environmentError(
        `${name} is not ready at ${host}: ${last}`,
        'see their logs: kubectl logs, or docker compose logs',
      );
    }
    await elapsed(POLL_MS, undefined, { signal });
  }
}

/** Sends one request on a separate connection. Never rejects. */
function isHealthy(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host, port, path: '/healthz', agent: false, timeout: ANSWER_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
    asked.once('close', () => resolve(false));
    asked.end();
  });
}
