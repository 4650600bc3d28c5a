/** What the advice lacks, and the command that would measure it. */

import type { RunEvidence } from './evidence.ts';
import type { Needs } from './needs.ts';
import { listText } from './words.ts';

export interface Missing {
  readonly what: string;
  readonly command: string;
}

/** An arm that fits, and which of its measurements exist. */
export interface Fitting {
  readonly name: string;
  readonly usesRedis: boolean;
  readonly isMeasured: boolean;
  readonly isCompared: boolean;
  /** Whether the extra cost of its critical operations is known, or it has no such cost. */
  readonly hasRecheckCost: boolean;
  readonly hasLag: boolean;
  readonly hasMemory: boolean;
  readonly hasLatency: boolean;
  readonly hasOutage: boolean;
  readonly hasBrowser: boolean;
}

function benchCommand(arms: readonly string[], experiments: readonly string[], budget = ''): string {
  const flags = [`--arms ${arms.join(',')}`, `--experiments ${experiments.join(',')}`, budget].filter(Boolean);
  return `npm run bench -- ${flags.join(' ')}`;
}

/**
 * @param fitting arms of the run that meet the needs @param alsoFit arms that were not measured and meet the needs as
 * declared @param isTied whether several arms share the first place
 */
export function missingOf(
  run: RunEvidence,
  needs: Needs,
  fitting: readonly Fitting[],
  alsoFit: readonly string[],
  isTied: boolean,
): Missing[] {
  const found: Missing[] = [];
  const withBaseline = (names: readonly string[]) => [...(run.baseline === null ? [] : [run.baseline]), ...names];
  const ask = (what: string, names: readonly string[], experiment: string, budget = '') => {
    if (names.length > 0) found.push({ what, command: benchCommand(withBaseline(names), [experiment], budget) });
  };
  const lacking = (fact: keyof Fitting, of = fitting) => of.filter((arm) => !arm[fact]).map(({ name }) => name);
  const names = fitting.map(({ name }) => name);
  const uncompared = lacking('isCompared');
  if (lacking('isMeasured').length > 0 || (fitting.length > 1 && uncompared.length > 0)) {
    const which = [...new Set([...lacking('isMeasured'), ...uncompared])];
    ask(`a paired comparison of the cost of ${listText(which)}`, names, 'toll', '--budget 4m');
  } else if (isTied) {
    ask('a comparison precise enough to put the first arms in order', names, 'toll', '--budget 10m');
  }
  ask(
    'what a critical operation costs: add an arm that asks Redis for every request',
    lacking('hasRecheckCost'),
    'toll',
    '--budget 4m',
  );
  if (run.changed.length > 0) {
    const which = `${listText(run.changed)}, which ${run.changed.length === 1 ? 'promises' : 'promise'} other things today`;
    ask(`a run of this version with ${which}`, run.changed, 'toll,revocation');
  }
  if (alsoFit.length > 0) {
    const which =
      alsoFit.length === 1 ? `${alsoFit[0]}, which fits as declared` : `${listText(alsoFit)}, which fit as declared`;
    ask(`the cost of ${which}`, [...new Set([...names, ...alsoFit])], 'toll', '--budget 4m');
  }
  if (needs.revokeWithinMs !== null) ask('how long a revoked credential lives', lacking('hasLag'), 'revocation');
  ask(
    'the memory of what a login stores',
    lacking(
      'hasMemory',
      fitting.filter(({ usesRedis }) => usesRedis),
    ),
    'store',
  );
  if (needs.p99Ms !== null) ask('latency at this load, in place of the model', lacking('hasLatency'), 'latency');
  if (needs.outage === 'answer') ask('what an outage of Redis does', lacking('hasOutage'), 'outage');
  if (needs.clients.includes('browser')) ask('what a browser protects', lacking('hasBrowser'), 'browser');
  return found;
}
