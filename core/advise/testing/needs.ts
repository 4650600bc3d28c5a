/** Needs of every kind, the same for the same seed. */
import { createRandom } from '../../stats/random.ts';
import { CLIENTS, DEFAULT_NEEDS, type Needs, OUTAGES, STORES } from '../needs.ts';

export function replayableNeeds(count: number, seed: number): Needs[] {
  const { random } = createRandom(seed);
  const one = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const maybe = () => random() < 0.3;
  return Array.from({ length: count }, (): Needs => {
    const revokeWithinMs = one([null, null, 0, 1000, 5000, 300_000, 900_000]);
    const clients = CLIENTS.filter(() => random() < 0.5);
    const prices = maybe() ? { replica: one([0, 30]), redisNode: one([0, 200]), gigabyte: one([0, 0.05]) } : null;
    return {
      ...DEFAULT_NEEDS,
      users: 10 ** (9 * random()),
      requestsPerSecond: 10 ** (7 * random()),
      criticalShare: one([0, 0, 0.05, 0.5, 1]),
      rttMs: one([0.1, 1, 20]),
      revokeWithinMs,
      criticalWithinMs: one([revokeWithinMs, revokeWithinMs, 0]),
      clients: clients.length === 0 ? ['browser'] : clients,
      crossOrigin: maybe(),
      keepFromScripts: maybe(),
      verifiedElsewhere: maybe(),
      outage: one(OUTAGES),
      store: one(STORES),
      sticky: maybe(),
      handTuned: maybe(),
      utilisation: one([0.5, 0.7, 0.9]),
      p99Ms: one([null, null, 0.5, 20]),
      prices,
      budget: prices !== null && maybe() ? 10 ** (5 * random()) : null,
    };
  });
}
