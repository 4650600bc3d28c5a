import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KNOWN_PRICES } from '../testing/prices.ts';
import { parsePrices, pricesSchema, readPrices } from './prices.ts';
import { ranked } from './ranked-prices.ts';

test('the schema in the repository is the one used for validation', () => {
  const written: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../../prices.schema.json'), 'utf8'));
  expect(written).toEqual(JSON.parse(JSON.stringify(pricesSchema())));
});

test('a valid list is read unchanged', () => {
  expect(parsePrices(JSON.stringify(KNOWN_PRICES))).toEqual(KNOWN_PRICES);
});

test('every fault is reported with its JSON pointer', () => {
  const { redis, ...others } = KNOWN_PRICES.hosts;
  const { memoryGb: _, ...replica } = KNOWN_PRICES.hosts.replica;
  const wrong = {
    ...KNOWN_PRICES,
    hosts: { ...others, replica: { ...replica, cores: 0, 'a/b': 1 }, redis: { ...redis, perMonth: -1, name: '<b>' } },
    traffic: { inPerGb: '0', outPerGb: 1 },
    curency: 'EUR',
  };
  expect(parsePrices(JSON.stringify(wrong))).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^\/curency is unknown \(did you mean currency/),
      expect.stringMatching(/^\/hosts\/replica\/a~1b is unknown/),
      expect.stringMatching(/^\/hosts\/replica\/memoryGb is missing \(memory per host/),
      expect.stringMatching(/^\/hosts\/replica\/cores must be >= 1 \(/),
      expect.stringMatching(/^\/hosts\/redis\/perMonth must be >= 0 \(/),
      expect.stringMatching(/^\/hosts\/redis\/name has an unexpected form \(/),
      expect.stringMatching(/^\/traffic\/inPerGb must be number \(/),
    ]),
  );
  expect(parsePrices('{')).toEqual([expect.stringMatching(/^the file is not JSON: /)]);
  expect(parsePrices('[]')).toEqual([expect.stringMatching(/^the file must be object$/)]);
});

test('the message names the file and each of its faults, and says what to do if it is missing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-prices-'));
  const path = join(folder, 'prices.json');
  try {
    expect(() => readPrices(path)).toThrow(`--prices: ${path} cannot be read (ENOENT)`);
    writeFileSync(path, '{"currency": 1}');
    expect(() => readPrices(path)).toThrow(`${path}: /currency must be string`);
    expect(() => readPrices(path)).toThrow(`${path}: /hosts is missing`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('arms are ranked by the share of a host that one core is, including its copies', () => {
  expect(ranked(KNOWN_PRICES)).toEqual({ replica: 55, redisNode: 150, gigabyte: 0.01 });
});
