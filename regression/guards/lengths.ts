/**
 * Bytes of requests with random credentials. A cookie escapes `+`, `/` and `=`, which takes two bytes more: a
 * signature has one or two such characters, a sealed session about ten. So equal builds differ by chance, by the
 * bytes that escaping adds; the rest is the same for every login. Pure.
 */
import { mean } from '../../core/stats/location.ts';

export interface RequestLengths {
  /** Bytes common to every login's request. */
  readonly fixed: number;
  /** The random bytes of each login. */
  readonly chance: readonly number[];
}

const ESCAPE = /%[0-9a-f]{2}/gi;
const ESCAPE_ADDS = 2;

/** @param requests whole requests, one for each login */
export function lengthsOf(requests: readonly string[]): RequestLengths {
  const plain = requests.map((request) => request.length - ESCAPE_ADDS * (request.match(ESCAPE)?.length ?? 0));
  const fixed = Math.min(...plain);
  return { fixed, chance: requests.map(({ length }) => length - fixed) };
}

export function meanLength({ fixed, chance }: RequestLengths): number {
  return fixed + mean(chance);
}

/**
 * In standard errors: the means of equal builds differ by more than this less often than once in ten thousand
 * comparisons. Counts of few escapes are skewed, so a normal distribution's 3.9 is not enough.
 */
const BY_CHANCE = 5;

/**
 * How much longer the head's requests are. The random part is left out, unless it differs by more than chance
 * explains: then the build escapes differently.
 */
export function lengthChange(base: RequestLengths, head: RequestLengths): number {
  const added = mean(head.chance) - mean(base.chance);
  const explained = BY_CHANCE * Math.hypot(errorOf(base), errorOf(head));
  return head.fixed - base.fixed + (Math.abs(added) <= explained ? 0 : added);
}

/** The standard error of the mean length; 0 if all are alike. */
export function errorOf({ chance }: RequestLengths): number {
  const centre = mean(chance);
  const variance = chance.reduce((sum, each) => sum + (each - centre) ** 2, 0) / Math.max(1, chance.length - 1);
  return Math.sqrt(variance / chance.length);
}
