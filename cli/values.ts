/** Readers of flag values. Each returns the value, or adds a fault that names the flag, the fault and the hint. Pure. */
import { nearest } from './flags.ts';

export type Faults = string[];

/** `a,b` → names, each of them known; duplicates are taken once. */
export function readNames(flag: string, text: string, known: readonly string[], faults: Faults): string[] {
  const names = [
    ...new Set(
      text
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    ),
  ];
  if (names.length === 0) faults.push(`--${flag} names nothing: give a list such as ${known.slice(0, 2).join(',')}`);
  for (const name of names) {
    if (!known.includes(name)) faults.push(`--${flag}: there is no ${JSON.stringify(name)}; ${nearest(name, known)}`);
  }
  return names;
}

/** `1,2,4` → numbers of replicas, ascending. */
export function readCounts(flag: string, text: string, most: number, faults: Faults): number[] {
  const counts = new Set<number>();
  for (const part of text.split(',')) {
    const value = /^\d+$/.test(part.trim()) ? Number(part) : Number.NaN;
    if (value >= 1 && value <= most) counts.add(value);
    else faults.push(`--${flag}: ${JSON.stringify(part.trim())} is not a whole number from 1 to ${most}`);
  }
  return [...counts].sort((a, b) => a - b);
}

/** `1000,1e6` → whole numbers, ascending. */
export function readSizes(flag: string, text: string, most: number, faults: Faults): number[] {
  const sizes = new Set<number>();
  for (const part of text.split(',')) {
    const value = /^\d+(e\d{1,2})?$/.test(part.trim()) ? Number(part) : Number.NaN;
    if (value >= 1 && value <= most) sizes.add(value);
    else
      faults.push(
        `--${flag}: ${JSON.stringify(part.trim())} is not a whole number such as 1000 or 1e6, at most ${most}`,
      );
  }
  return [...sizes].sort((a, b) => a - b);
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, '': 1 };

/** `90`, `90s`, `10m` → seconds. */
export function readSeconds(flag: string, text: string, faults: Faults): number | null {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim()) ?? [];
  const seconds = Number(digits) * (UNIT_SECONDS[unit] ?? Number.NaN);
  if (seconds > 0 && seconds <= 86_400) return seconds;
  faults.push(`--${flag}: ${JSON.stringify(text)} is not a time such as 90s, 10m or 1h, at most 24h`);
  return null;
}

export function readInteger(flag: string, text: string, least: number, most: number, faults: Faults): number | null {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  faults.push(`--${flag}: ${JSON.stringify(text)} is not a whole number from ${least} to ${most}`);
  return null;
}

export function readChoice<T extends string>(
  flag: string,
  text: string,
  choices: readonly T[],
  faults: Faults,
): T | null {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) faults.push(`--${flag}: ${JSON.stringify(text)} is none of ${choices.join(', ')}`);
  return found ?? null;
}
