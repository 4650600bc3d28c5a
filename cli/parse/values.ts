/** Readers of flag values. Each returns the value, or adds a fault that names the flag, the value and the allowed range. Pure. */
import { nearest } from '../../core/text/nearest.ts';
import type { Faults } from '../command.ts';

function refuse(flag: string, text: string, wanted: string, faults: Faults): null {
  faults.push(`--${flag}: ${JSON.stringify(text.trim())} must be ${wanted}`);
  return null;
}

/** The parts of a list, without duplicates. */
function partsOf(text: string): string[] {
  return [...new Set(text.split(',').map((part) => part.trim()))];
}

/** `a,b` → known names. */
export function readNames(flag: string, text: string, known: readonly string[], faults: Faults): string[] {
  const names = partsOf(text).filter((name) => name !== '');
  if (names.length === 0) faults.push(`--${flag} is empty: give a list such as ${known.slice(0, 2).join(',')}`);
  for (const name of names) {
    if (!known.includes(name)) {
      faults.push(`--${flag}: ${JSON.stringify(name)} is unknown: ${nearest(name, known)}`);
    }
  }
  return names;
}

/** Whether the value of `--arms` names no arm, but all of them. */
export const isAll = (text: string): boolean => text.trim() === 'all';

/** The value of `--arms`: names, or `all`. @param every what `all` stands for, if some arms cannot be measured */
export function readArms(text: string, known: readonly string[], faults: Faults, every = known): string[] {
  return isAll(text) ? [...every] : readNames('arms', text, known, faults);
}

/** @param listedIn where all names are, if they are too many for a line */
export function readName(
  flag: string,
  text: string,
  known: readonly string[],
  faults: Faults,
  listedIn?: string,
): string {
  const name = text.trim();
  if (!known.includes(name))
    faults.push(`--${flag}: ${JSON.stringify(name)} is unknown: ${nearest(name, known, listedIn)}`);
  return name;
}

export function readChoice<T extends string>(
  flag: string,
  text: string,
  choices: readonly T[],
  faults: Faults,
): T | null {
  return choices.find((choice) => choice === text) ?? refuse(flag, text, choices.join(' or '), faults);
}

function wholeNumber(text: string, pattern = /^\d+$/): number {
  return pattern.test(text.trim()) ? Number(text) : Number.NaN;
}

export function readInteger(flag: string, text: string, least: number, most: number, faults: Faults): number | null {
  const value = wholeNumber(text);
  if (value >= least && value <= most) return value;
  return refuse(flag, text, `a whole number from ${least} to ${most}`, faults);
}

export function readNumber(flag: string, text: string, least: number, most: number, faults: Faults): number | null {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  return refuse(flag, text, `a number from ${least} to ${most}`, faults);
}

function readIntegers(text: string, read: (part: string) => number | null): number[] {
  return partsOf(text)
    .flatMap((part) => read(part) ?? [])
    .sort((a, b) => a - b);
}

/** `4,1,2` → 1, 2, 4 */
export function readCounts(flag: string, text: string, most: number, faults: Faults): number[] {
  return readIntegers(text, (part) => readInteger(flag, part, 1, most, faults));
}

/** `1e6,1000` → 1000, 1000000 */
export function readSizes(flag: string, text: string, most: number, faults: Faults): number[] {
  return readIntegers(text, (part) => {
    const value = wholeNumber(part, /^\d+(e\d{1,2})?$/);
    if (value >= 1 && value <= most) return value;
    return refuse(flag, part, `a whole number from 1 to ${most}, such as 1000 or 1e6`, faults);
  });
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `5s`, `300ms`, `15m` → ms; NaN if it is no time. @param bareMs what a number without a unit counts */
export function millisecondsOf(text: string, bareMs = Number.NaN): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)?$/.exec(text.trim()) ?? [];
  return Number(digits) * (unit === undefined ? bareMs : (UNIT_MS[unit] ?? Number.NaN));
}

const ANY_TIME = { least: Number.MIN_VALUE, most: 86_400, wanted: 'a time such as 90s, 10m or 1h, at most 24h' };

/** `90`, `90s`, `10m` → seconds @param range in seconds, and in words */
export function readSeconds(flag: string, text: string, faults: Faults, range = ANY_TIME): number | null {
  const seconds = millisecondsOf(text, 1000) / 1000;
  if (seconds >= range.least && seconds <= range.most) return seconds;
  return refuse(flag, text, range.wanted, faults);
}

function percentage(text: string): number | null {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return value > 0 && value <= 100 ? value : null;
}

const PERCENTAGE = 'a percentage above 0 and at most 100, such as 2 or 0.5';

export function readPercentage(flag: string, text: string, faults: Faults): number | null {
  return percentage(text) ?? refuse(flag, text, PERCENTAGE, faults);
}

/** `2,5` → percentages, in the order given */
export function readPercentages(flag: string, text: string, faults: Faults): number[] {
  return partsOf(text).flatMap((part) => percentage(part) ?? refuse(flag, part, PERCENTAGE, faults) ?? []);
}

/** Requests per second: more than one process sends. */
export const MOST_RPS = 100_000;
const MOST_SEED = 2 ** 31 - 1;

/** @returns a fresh seed if none is given */
export function readSeed(text: string | undefined, faults: Faults): number {
  if (text === undefined) return Math.floor(Math.random() * (MOST_SEED + 1));
  return readInteger('seed', text, 0, MOST_SEED, faults) ?? 0;
}
