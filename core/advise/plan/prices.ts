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
const name = Type.String({ pattern: '^[\\w .+-]{1,40}$', description: 'as the plan shall call it' });
const perMonth = Type.Number({ minimum: 0, maximum: 1e9, description: 'price of one, for a month' });
const networkGbit = Type.Number({
  exclusiveMinimum: 0,
  maximum: 1e5,
  description: 'bandwidth each way, in gigabits a second',
});
const host = {
  name,
  cores: Type.Integer({ minimum: 1, maximum: 1024, description: 'cores that one host has' }),
  memoryGb: Type.Number({ exclusiveMinimum: 0, maximum: 1e5, description: 'memory that one host has, in 10⁹ bytes' }),
  networkGbit,
  perMonth,
};

export const PriceList = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    currency: Type.String({ pattern: '^[A-Za-z€$£¥]{1,8}$', description: 'of all prices, such as EUR' }),
    hosts: Type.Object(
      {
        replica: Type.Object(host, { ...closed, description: 'runs replicas, one on each core' }),
        redis: Type.Object(
          {
            ...host,
            copies: Type.Optional(
              Type.Integer({ minimum: 0, maximum: 5, description: 'standby copies of each shard; none if left out' }),
            ),
          },
          { ...closed, description: 'runs Redis, one shard on each core at most' },
        ),
        balancer: Type.Optional(
          Type.Object(
            {
              name,
              networkGbit,
              requestsPerSecond: Type.Optional(
                Type.Number({ minimum: 1, maximum: 1e9, description: 'that one bears; no limit if left out' }),
              ),
              perMonth,
            },
            { ...closed, description: 'stands before the replicas; no balancers are planned if left out' },
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

/** What the schema file in the repository holds; a test keeps them equal. */
export function pricesSchema(): Record<string, unknown> {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...PriceList };
}

const findFaults = faultFinder(PriceList);
const MOST_BYTES = 1 << 20;

/** @returns the list, or every fault with the JSON pointer of its place, a line each */
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
    throw new UsageError([`--prices: ${path} cannot be read (${code})`], 'name another file, or three prices');
  }
  const parsed = text.length > MOST_BYTES ? ['the file is too long for a list of prices'] : parsePrices(text);
  if ('currency' in parsed) return parsed;
  throw new UsageError(
    parsed.map((fault) => inertLine(`${path}: ${fault}`)),
    hint,
  );
}
