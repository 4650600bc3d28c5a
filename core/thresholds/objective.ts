/** A service-level objective (SLO) in the usual notation: `p99<50ms,errors<0.1%`. Pure. */

export interface LatencyClause {
  /** 50 for the median, 99.9 for p99.9. */
  readonly percentile: number;
  readonly limitMs: number;
}

export interface Objective {
  /** All of them have to hold. */
  readonly latency: readonly LatencyClause[];
  /**
   * The permitted share of failed requests and unexpected responses, in percent. Null if the text does not mention
   * errors: they then count as late.
   */
  readonly errorsPercent: number | null;
}

export const USUAL_OBJECTIVE = 'p99<50ms,errors<0.1%';

export const OBJECTIVE_FORM = 'clauses such as p99<50ms and errors<0.1%, separated by commas';

/** As factors and divisors, because a product with 0.001 is not exact. */
const UNITS = { us: [1, 1000], µs: [1, 1000], ms: [1, 1], s: [1000, 1] } as const;
/** Of a ms, so that 1.005 s is 1005 ms. */
const DIGITS = 9;
/** The journal's header has no room for more. */
export const LONGEST_OBJECTIVE = 200;
/** At a higher percentile, a step would take minutes to see ten slow requests. */
const HIGHEST_PERCENTILE = 99.9;
/** The longest time-out of a request. */
export const LONGEST_WAIT_MS = 60_000;
/** The time-out must be well above the limit, or the limit could never be missed. */
const LONGEST_MS = LONGEST_WAIT_MS / 4;

function msOf(number: string, unit: string): number {
  const [factor, divisor] = UNITS[unit as keyof typeof UNITS];
  return Number(((Number(number) * factor) / divisor).toFixed(DIGITS));
}

/** @returns the objective, or every fault of the text */
export function parseObjective(text: string): Objective | readonly string[] {
  if (text.length > LONGEST_OBJECTIVE)
    return [`it has ${text.length} characters, and at most ${LONGEST_OBJECTIVE} are allowed`];
  const faults: string[] = [];
  const latency: LatencyClause[] = [];
  let errorsPercent: number | null = null;
  for (const clause of text.split(',').map((part) => part.trim())) {
    const plain = clause.toLowerCase().replaceAll('≤', '<=');
    const timed = /^p(\d+(?:\.\d+)?)\s*<=?\s*(\d+(?:\.\d+)?)\s*(us|µs|ms|s)$/.exec(plain.replaceAll('μ', 'µ'));
    const counted = /^errors\s*<=?\s*(?:(\d+(?:\.\d+)?)\s*%|(0))$/.exec(plain);
    if (timed !== null) {
      const percentile = Number(timed[1]);
      const limitMs = msOf(timed[2] ?? '', timed[3] ?? '');
      if (!(percentile > 0 && percentile <= HIGHEST_PERCENTILE)) {
        faults.push(`"${clause}": the percentile lies above 0 and is at most ${HIGHEST_PERCENTILE}`);
      }
      if (!(limitMs > 0 && limitMs <= LONGEST_MS)) {
        faults.push(`"${clause}": the limit lies above 0 and is at most ${LONGEST_MS / 1000} s`);
      }
      const same = latency.find((other) => other.percentile === percentile);
      if (same !== undefined) faults.push(`"${clause}": p${percentile} has a limit already`);
      latency.push({ percentile, limitMs });
    } else if (counted !== null) {
      if (errorsPercent !== null) faults.push(`"${clause}": errors have a limit already`);
      errorsPercent = Number(counted[1] ?? counted[2]);
      if (errorsPercent > 100) faults.push(`"${clause}": the limit is at most 100 %`);
    } else if (clause === '') {
      faults.push(`a clause is empty: write ${OBJECTIVE_FORM}, with no comma at the end`);
    } else {
      faults.push(`"${clause}" is not a valid clause: write ${OBJECTIVE_FORM}`);
    }
  }
  const byPercentile = latency.toSorted((a, b) => a.percentile - b.percentile);
  for (const [i, { percentile, limitMs }] of byPercentile.entries()) {
    const lower = byPercentile[i - 1];
    if (lower !== undefined && lower.percentile < percentile && limitMs <= lower.limitMs && limitMs > 0) {
      faults.push(
        `p${lower.percentile} < ${lower.limitMs} ms adds nothing to p${percentile} < ${limitMs} ms, because a lower percentile is never longer: leave it out, or exchange the limits if that was meant`,
      );
    }
  }
  return faults.length > 0 ? faults : { latency: byPercentile, errorsPercent };
}

/** @throws {RangeError} for an invalid text, which the command line has refused before */
export function objectiveOf(text: string = USUAL_OBJECTIVE): Objective {
  const parsed = parseObjective(text);
  if ('latency' in parsed) return parsed;
  throw new RangeError(parsed.join('; '));
}

/** The objective in words, for answers and headings. */
export function objectiveInWords({ latency, errorsPercent }: Objective): string {
  const clauses = latency.map(({ percentile, limitMs }) => `p${percentile} below ${limitMs} ms`);
  if (errorsPercent !== null) clauses.push(`errors at most ${errorsPercent} %`);
  return clauses.join(' and ');
}

/** The resource at its limit when an objective was missed; the first match is used. */
export const CAUSES = {
  generator: 'the load generator, which sent requests late: the server may sustain more',
  errors: 'errors: requests failed, or had unexpected responses',
  cpu: 'the servers’ CPU, which was saturated',
  redis: 'Redis, whose main thread was saturated',
  companion: 'the authorization server or the database, whose CPU was saturated',
  connections: 'connections: all were in use, so requests waited for one',
  'event-loop': 'the event loop: requests waited although CPU time was available',
} as const;
export type Cause = keyof typeof CAUSES;
