/** Round prices, so that results can be worked out by hand. */
import type { PriceList } from '../plan/prices.ts';

export const KNOWN_PRICES = {
  currency: 'EUR',
  hosts: {
    replica: { name: 'c4', cores: 4, memoryGb: 8, networkGbit: 10, perMonth: 220 },
    redis: { name: 'r4', cores: 4, memoryGb: 64, networkGbit: 10, perMonth: 300, copies: 1 },
    balancer: { name: 'lb', networkGbit: 1, perMonth: 90 },
  },
  traffic: { inPerGb: 0, outPerGb: 0.02 },
} as const satisfies PriceList;
