/**
 * `prices.json`: the hosts that a user may rent, and what they and traffic cost. All its faults are reported at once.
 */
import { readFileSync } from 'node:fs';
import type { Static } from 'typebox';
import { messageOf, UsageError } from '../../errors.ts';
import { inertLine, parseInert } from '../../inert.ts';
import { Type } from '../../schema.ts';
import { faultFinder, faultText } from '../../text/schema-faults.ts';

const closed = { additionalProperties: false } as const;
const name = Type.String({ pattern: '^[\\w .+-]{1,40}$', description: 'name in the plan' });
const perMonth = Type.Number({ minimum: 0, maximum: 1e9, description: 'price per month' });
const networkGbit = Type.Number({
  exclusiveMinimum: 0,
  maximum: 1e5,
  description: 'bandwidth each way, in gigabits a second',
});
const host = {
  name,
  cores: Type.Integer({ minimum: 1, maximum: 1024, description: 'cores per host' }),
  memoryGb: Type.Number({ exclusiveMinimum: 0, maximum: 1e5, description: 'memory per host, in 10⁹ bytes' }),
  networkGbit,
  perMonth,
};

export const PriceList = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    currency: Type.String({ pattern: '^[A-Za-z€$£¥]{1,8}$', description: 'currency of all prices, such as EUR' }),
    hosts: Type.Object(
      {
        replica: Type.Object(host, { ...closed, description: 'runs one replica per core' }),
        redis: Type.Object(
          {
            ...host,
            copies: Type.Optional(
              Type.Integer({ minimum: 0, maximum: 5, description: 'standby copies of each shard; none if omitted' }),
            ),
          },
          { ...closed, description: 'runs at most one Redis shard per core' },
        ),
        balancer: Type.Optional(
          Type.Object(
            {
              name,
              networkGbit,
              requestsPerSecond: Type.Optional(
                Type.Number({ minimum: 1, maximum: 1e9, description: 'maximum load of one; no limit if omitted' }),
              ),
              perMonth,
            },
            { ...closed, description: 'load balancer in front of the replicas; none is planned if omitted' },
          ),
        ),
      },
      closed,
    ),
    traffic: Type.Object(
      {
        inPerGb: Type.Number({ minimum: 0, maximum: 1e6, description: 'price of 10⁹ bytes from clients' }),
        outPerGb: Type.Number({ minimum: 0, maximum: 1e6, description: 'price of 10⁹ bytes to clients' }),
      },
      closed,
    ),
  },
  { ...closed, title: 'prices.json' },
);
export type PriceList = Static<typeof PriceList>;

/** The contents of the schema file in the repository; a test keeps them equal. */
export function pricesSchema(): Record<string, unknown> {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...PriceList };
}

const findFaults = faultFinder(PriceList);
const MOST_BYTES = 1 << 20;

/** @returns the list, or every fault with its JSON pointer, one per line */
export function parsePrices(text: string): PriceList | readonly string[] {
  let value: unknown;
  try {
    value = parseInert(text);
  } catch (error) {
    return [`the file is not JSON: ${messageOf(error)}`];
  }
  const faults = findFaults(value);
  return faults.length === 0 ? (value as PriceList) : faults.map(faultText);
}

/** @throws UsageError with every fault */
export function readPrices(path: string): PriceList {
  const hint = `correct ${path}; its schema is prices.schema.json`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new UsageError([`--prices: ${path} cannot be read (${code})`], 'choose another file, or give three prices');
  }
  const parsed = text.length > MOST_BYTES ? ['the file is too long for a list of prices'] : parsePrices(text);
  if ('currency' in parsed) return parsed;
  throw new UsageError(
    parsed.map((fault) => inertLine(`${path}: ${fault}`)),
    hint,
  );
}
