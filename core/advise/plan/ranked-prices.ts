import type { Prices } from '../needs.ts';
import type { PriceList } from './prices.ts';

/**
 * The three prices by which arms are ranked: of a replica and a Redis node the part of a host that is one core, of a gigabyte
 * the mean of both ways.
 */
export function ranked({ hosts: { replica, redis }, traffic }: PriceList): Prices {
  return {
    replica: replica.perMonth / replica.cores,
    redisNode: (redis.perMonth * (1 + (redis.copies ?? 0))) / redis.cores,
    gigabyte: (traffic.inPerGb + traffic.outPerGb) / 2,
  };
}
