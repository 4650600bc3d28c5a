/** The largest report that there is: the reference run, with what it leaves out, a gate of all arms and timelines of outages. */
import type { GateOutcome, GateResult } from '../../core/results/gate-schema.ts';
import type { Timeline } from '../../core/results/recorded/timeline.ts';
import { readReference } from '../../core/results/reference/reference.ts';
import type { Run } from '../../core/results/schema.ts';
import { createRandom, type Random } from '../../core/stats/random.ts';

const CHECKS = 110;
/** Shares of outcomes of a gate of all checks; the others do not apply. */
const [PASSED, LIMITED] = [0.41, 0.06];
const [BINS, BIN_MS, PER_BIN] = [180, 100, 10];
/** The fault begins and ends in these bins. */
const [FROM, TO] = [28, 128];
const MIXED_BINS = 5;

/** As in a real one, most requests are accepted but while the fault lasts; at its ends outcomes are mixed. */
function timelineOf(random: Random): Timeline {
  const bins = Array.from({ length: BINS }, (_, bin) => bin);
  const isHit = bins.map((bin) => bin >= FROM && bin < TO);
  const mixed = bins.map((bin) => Math.min(Math.abs(bin - FROM), Math.abs(bin - TO)) < MIXED_BINS);
  const lost = bins.map((bin) => (mixed[bin] ? Math.floor(random.random() * PER_BIN) : isHit[bin] ? PER_BIN : 0));
  const none = bins.map(() => 0);
  const waits = bins.map((bin) => (isHit[bin] ? 1_000 * random.random() : 3 * random.random()));
  return {
    ...{ binMs: BIN_MS, faultFromMs: FROM * BIN_MS, faultToMs: TO * BIN_MS },
    ...{ refused: none, forbidden: none, other: none, error: none, timedOut: none },
    accepted: lost.map((count) => PER_BIN - count),
    unavailable: lost,
    p50Ms: waits,
    maxMs: waits,
  };
}

const DETAIL =
  'declared: a credential that was revoked is accepted until it expires, up to 14 min later; every replica accepted it';

function gateOf({ arms, startedAt }: Run, random: Random): GateResult {
  const checks = Array.from({ length: CHECKS }, (_, i) => ({
    id: i + 1,
    name: `keeps promise ${i + 1} of the scheme, however the request is written`,
    family: 'session',
    refs: ['ASVS 7.2.4', 'RFC 8725 §3.1'],
  }));
  const outcome = (check: number): GateOutcome => {
    const share = random.random();
    const verdict = share < PASSED ? 'pass' : share < PASSED + LIMITED ? 'limit' : 'not-applicable';
    return { check, verdict, detail: DETAIL, durationMs: 1 };
  };
  return {
    ...{ schemaVersion: 1, startedAt, durationMs: 60_000, quick: false, checks },
    arms: arms.map(({ name, title }) => ({
      ...{ arm: name, title },
      outcomes: checks.map(({ id }) => outcome(id)),
    })),
  };
}

/** @throws Error without a reference run */
export function wholeRun(): { readonly run: Run; readonly gate: GateResult } {
  const reference = readReference();
  if (reference === null) throw new Error('there is no reference run');
  const random = createRandom(1);
  const { run } = reference;
  const timelines = run.figures
    .filter(({ metric, factors }) => metric === 'outage_accepted_pct' && factors.route === 'me')
    .map(({ experiment, arm, factors }) => ({ experiment, arm, factors, timeline: timelineOf(random) }));
  return { run: { ...run, timelines }, gate: gateOf(run, random) };
}
