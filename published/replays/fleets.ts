/** Starts fleets of a few arms for a replay, and ends them again whatever happens. */
import type { Fleet } from '../../bench/fleet/fleet.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
import { startFleet } from '../../bench/fleet/start.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { environmentError, thenEnding } from '../../core/errors.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import type { ReplayContext } from './replay.ts';

/**
 * Starts one replica of each arm, with this many users logged in, and does `work` with the fleets in the order of `names`.
 * @throws TollgateError where an arm does not exist or cannot start; what `work` throws; the error of a replica that died
 *   meanwhile. All fleets have ended in every case.
 */
export async function withFleets<T>(
  { janitor, redisUrl, storeServer = null }: ReplayContext,
  names: readonly string[],
  users: number,
  work: (fleets: readonly Fleet[]) => Promise<T>,
): Promise<T> {
  const arms = await describeArms();
  const died = Promise.withResolvers<never>();
  // It is raced below; until then nothing else would handle a rejection.
  died.promise.catch(() => {});
  const environment = {
    janitor,
    redisUrl,
    storeServer,
    secrets: await makeSecrets(),
    users: await makeUsers(users, ARGON2_CHEAP),
    shares: null,
    runId: 'published',
    onDeath: died.reject,
  };
  const fleets: Fleet[] = [];
  return thenEnding(
    async () => {
      for (const name of names) {
        const arm = arms.find((known) => known.name === name);
        if (arm === undefined)
          throw environmentError(`there is no arm ${name}`, 'this is a bug in Tollgate: please report it');
        const spec = { key: name, arm, replicas: 1, users };
        fleets.push(await startFleet(environment, spec));
      }
      return await Promise.race([work(fleets), died.promise]);
    },
    () => stopInOrder([fleets]),
  );
}
