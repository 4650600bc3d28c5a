/** The error rates from `aa` on each class of machine, stored for the reports of comparisons. */

import { dirname } from 'node:path';
import type { Static } from 'typebox';
import { makeFolders } from '../../core/folders.ts';
import { JsonFileError, type JsonFormat, readJson, writeJson } from '../../core/results/json-file.ts';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';
import { formatFixed, formatUpTo } from '../../core/text/format.ts';
import type { AaResult } from './aa.ts';
import type { Rate } from './rates.ts';

const share = Type.Number({ minimum: 0, maximum: 1 });

const KnownRate = Type.Object(
  {
    /** 0 for identical servers, whose rate is that of false alarms. */
    slowdownPct: Type.Number({ minimum: 0 }),
    marginPct: Type.Number({ exclusiveMinimum: 0 }),
    /** Seconds of one comparison. */
    seconds: Type.Number({ exclusiveMinimum: 0 }),
    hits: Type.Integer({ minimum: 0 }),
    comparisons: Type.Integer({ minimum: 1 }),
    /** Wilson's interval, 95 %. */
    low: share,
    high: share,
  },
  { additionalProperties: false },
);
export type KnownRate = Static<typeof KnownRate>;

const KnownRates = Type.Object(
  {
    machineClass: Type.String({ minLength: 1 }),
    /** ISO 8601, UTC. */
    at: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$' }),
    arm: Type.String(),
    rates: Type.Array(KnownRate, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type KnownRates = Static<typeof KnownRates>;

const VERSION = 1;
const RatesFile = Type.Object(
  { schemaVersion: Type.Literal(VERSION), classes: Type.Array(KnownRates) },
  { additionalProperties: false },
);
type RatesFile = Static<typeof RatesFile>;

export const RATES_FILE = '.tollgate/compare-rates.json';
const REPEAT = 'recreate it: npm run aa -- --compare';
const FORMAT: JsonFormat<RatesFile> = {
  what: 'the rates of comparisons',
  version: VERSION,
  check: checker(RatesFile),
  hints: { missing: REPEAT, damaged: REPEAT, version: REPEAT },
};

/** What a comparison can report about its own errors. */
export interface RatesHere {
  /** Rates of this class of machine; null if there are none. */
  readonly known: KnownRates | null;
  /** Why they are less trustworthy, or why there are none; null if nothing is wrong. */
  readonly doubt: string | null;
}

/** Dated by the newest fork. @returns null if no rate was measured with a margin, as without `--compare` */
export function knownRatesOf(result: AaResult, machineClass: string): KnownRates | null {
  const measured = [...(result.falseAlarms === null ? [] : [result.falseAlarms]), ...result.detections];
  const rates = measured.flatMap((rate) => knownRate(rate) ?? []);
  return rates.length === 0 ? null : { machineClass, at: result.at, arm: result.arm, rates };
}

function knownRate({ slowdownPct, marginPct, seconds, hits, trials, rate }: Rate): KnownRate | null {
  if (marginPct === null) return null;
  return { slowdownPct, marginPct, seconds, hits, comparisons: trials, low: rate.low, high: rate.high };
}

/**
 * Replaces the rates of the same class, and keeps the others. @throws TollgateError if the file cannot be written, or
 * exists and cannot be read
 */
export function saveRates(path: string, rates: KnownRates): void {
  const others = readFileOf(path).filter(({ machineClass }) => machineClass !== rates.machineClass);
  makeFolders(dirname(path));
  writeJson(path, { schemaVersion: VERSION, classes: [...others, rates] }, FORMAT, { indent: 2 });
}

/** To be called before hours of comparisons. @throws JsonFileError if the file is there, and no rates could be added to it */
export function refuseDamagedRates(path: string): void {
  readFileOf(path);
}

function readFileOf(path: string): readonly KnownRates[] {
  try {
    return readJson(path, FORMAT).classes;
  } catch (error) {
    if (error instanceof JsonFileError && error.fault === 'missing') return [];
    throw error;
  }
}

const STALE_AFTER_DAYS = 90;

/** Never throws: a comparison is made whether its rates are known or not. */
export function ratesFor(path: string, machineClass: string, nowMs: number): RatesHere {
  let classes: readonly KnownRates[];
  try {
    classes = readFileOf(path);
  } catch (error) {
    if (!(error instanceof JsonFileError)) throw error;
    return { known: null, doubt: error.message };
  }
  const known = classes.find((one) => one.machineClass === machineClass) ?? null;
  if (known === null) {
    const others = classes.map((one) => one.machineClass).join('; ');
    const doubt = classes.length === 0 ? 'none were measured' : `those that are known are of another class: ${others}`;
    return { known: null, doubt };
  }
  const days = (nowMs - Date.parse(known.at)) / 86_400_000;
  const isRecent = days >= -1 && days <= STALE_AFTER_DAYS;
  return { known, doubt: isRecent ? null : `they are more than ${STALE_AFTER_DAYS} days old` };
}

/** @param marginPct of the comparison at hand. Lines for people. */
export function ratesLines({ known, doubt }: RatesHere, marginPct: number): string[] {
  if (known === null) {
    return [
      `The error rate of comparisons on this machine class is unknown: ${doubt}. Measure it: npm run aa -- --compare`,
    ];
  }
  const { at, arm, rates } = known;
  const words = rates.map((rate) => {
    const { slowdownPct, hits, comparisons, low, high, seconds } = rate;
    const pct = (value: number) => `${formatFixed(100 * value, 1)} %`;
    const what = slowdownPct === 0 ? 'false alarms' : `+${formatUpTo(slowdownPct, 1)} % found`;
    const interval = `${pct(hits / comparisons)} [${pct(low)} to ${pct(high)}]`;
    return `${what} in ${hits} of ${comparisons} comparisons, ${interval}, at most ${seconds} s each with a margin of ${rate.marginPct} %`;
  });
  const others = rates.every((rate) => rate.marginPct !== marginPct)
    ? ` None of them used this comparison's margin of ${marginPct} %.`
    : '';
  const aged = doubt === null ? '' : ` They are less reliable: ${doubt}.`;
  const each = 'each of one arm and its CPU time, without counts';
  return [
    `On this class of machine, aa of ${at.slice(0, 10)} with ${arm}, ${each}: ${words.join('; ')}.${others}${aged}`,
  ];
}
