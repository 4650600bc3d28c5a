import type { Prices } from '../needs.ts';
import type { PriceList } from './prices.ts';

/**
 * The three prices used to rank arms. For a replica and a Redis node: the share of a host's price that one core makes
 * up. For a gigabyte: the mean of both directions.
 */
export function ranked({ hosts: { replica, redis }, traffic }: PriceList): Prices {
  return {
    replica: replica.perMonth / replica.cores,
    redisNode: (redis.perMonth * (1 + (redis.copies ?? 0))) / redis.cores,
    gigabyte: (traffic.inPerGb + traffic.outPerGb) / 2,
  };
}
