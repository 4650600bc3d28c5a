/**
 * Exact mean value analysis over every mix of users (Reiser & Lavenberg 1980), for stations with one server or with copies.
 */
import { type MixNetwork, mixesOf, type Solved, usersIn } from './network.ts';

export function meanValues({ stations, users, demands, think }: MixNetwork): Solved {
  const { count, strides } = mixesOf(users);
  const size = stations.length;
  // Only the number of requests at each station is needed of each smaller mix.
  const queues = new Float64Array(count * size);
  const throughput = users.map(() => 0);
  const residence = users.map(() => new Float64Array(size));
  const shares = stations.map(({ isDelay, copies }) => (isDelay ? 0 : 1 / copies));
  for (let mix = 1; mix < count; mix++) {
    for (let c = 0; c < users.length; c++) {
      const stride = strides[c] as number;
      const present = usersIn(mix, stride, users[c] as number);
      if (present === 0) continue;
      const own = demands[c] as readonly number[];
      const row = residence[c] as Float64Array;
      // Arrival theorem: a request finds the mean state of the network without it.
      const before = (mix - stride) * size;
      let time = think[c] as number;
      for (let k = 0; k < size; k++) {
        row[k] = (own[k] as number) * (1 + (shares[k] as number) * (queues[before + k] as number));
        time += row[k] as number;
      }
      const rate = present / time;
      throughput[c] = rate;
      for (let k = 0; k < size; k++) {
        queues[mix * size + k] = (queues[mix * size + k] as number) + rate * (row[k] as number);
      }
    }
  }
  return { throughput, residence: residence.map((row) => [...row]) };
}
