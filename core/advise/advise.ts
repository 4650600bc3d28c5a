/**
 * Ranks the arms of a run that meet given needs, cheapest first, and says why the others do not. A pure function of
 * needs and evidence, so the command line and the report's page give the same answer.
 */

import { costOf } from './cost.ts';
import type { RunEvidence, Sourced } from './evidence.ts';
import { firstOf, namesOfFirst } from './first.ts';
import { type Missing, missingOf } from './missing.ts';
import { CLIENTS, type Client, faultsOf, type Needs } from './needs.ts';
import { type Candidate, pairOf, placesOf } from './order.ts';
import type { Reason, Rule } from './reason.ts';
import { boundOf, fitsAsDeclared, reasonsFor } from './rules.ts';
import { type Sizing, sizeOf } from './sizing.ts';
import { latencyText, moneyText } from './words.ts';

export interface Lag {
  /** The declared bound, in ms; null if a revoked credential stays valid until it expires. */
  readonly boundMs: number | null;
  /** The longest lag that was measured. */
  readonly seen: Sourced | null;
}

export interface ArmAdvice {
  readonly name: string;
  readonly title: string;
  /**
   * Rank among the arms that fit: 1 plus the number of arms known to cost less. Null if it was compared with none of
   * them.
   */
  readonly place: number | null;
  readonly reasons: readonly Reason[];
  /** Null if the cost of a request was not measured, and usually for an arm that is ruled out. */
  readonly sizing: Sizing | null;
  readonly lag: { readonly read: Lag; readonly critical: Lag } | null;
}

/**
 * `only`: no other arm meets the needs. `supported`: a paired comparison puts it before every other. `tied`: no
 * difference between the first ones was found. `unranked`: several fit but were not compared. `none`: nothing fits.
 */
export type Certainty = 'only' | 'supported' | 'tied' | 'unranked' | 'none';

export interface Advice {
  /** Needs that contradict each other; if there are any, everything else is empty. */
  readonly faults: readonly string[];
  readonly first: readonly string[];
  readonly certainty: Certainty;
  readonly ranked: readonly ArmAdvice[];
  readonly ruledOut: readonly ArmAdvice[];
  /** Arms for which the run records no promises. */
  readonly open: readonly ArmAdvice[];
  /** The minimal sets of needs that no arm meets together; empty if an arm fits. */
  readonly conflicts: readonly (readonly Rule[])[];
  /** The arms that would be first without one of the needs; empty if an arm fits. */
  readonly without: readonly { readonly rule: Rule; readonly first: readonly string[] }[];
  /** The arms that are first for each kind of client alone, if no arm serves all; else empty. */
  readonly byClient: readonly { readonly client: Client; readonly first: readonly string[] }[];
  readonly missing: readonly Missing[];
  /** All flags of the figures behind the first places. */
  readonly flags: readonly string[];
}

interface JudgedArm {
  readonly candidate: Candidate;
  readonly reasons: readonly Reason[];
  readonly sizing: Sizing | null;
}

const isBroken = ({ verdict }: Reason) => verdict === 'breaks';
const isUnknown = ({ verdict }: Reason) => verdict === 'unknown';

/** Reasons that depend on the size of the fleet. */
function sizedReasons(needs: Needs, sizing: Sizing | null): Reason[] {
  const reasons: Reason[] = [];
  const add = (
    rule: Rule,
    verdict: Reason['verdict'],
    text: string,
    figures: readonly Sourced[] = [],
    declared: string | null = null,
  ) => reasons.push({ rule, verdict, text, figures, declared, published: null });
  if (needs.p99Ms !== null && sizing !== null) {
    const { p99Ms, p99From } = sizing;
    const by = p99From === 'queue' ? 'the queueing model' : 'measured latencies';
    const text = `by ${by} 99 % of requests are answered within ${latencyText(p99Ms)}`;
    // If the limit lies within the interval, neither is shown.
    const verdict = p99Ms.value > needs.p99Ms ? 'breaks' : p99Ms.high > needs.p99Ms ? 'caution' : 'meets';
    add('p99', verdict, verdict === 'caution' ? `${text}, so it may exceed the limit` : text, sizing.figures);
  }
  if (needs.budget !== null && sizing?.money) {
    const verdict =
      sizing.money.value > needs.budget ? 'breaks' : sizing.money.high > needs.budget ? 'caution' : 'meets';
    const text = `it costs ${moneyText(sizing.money)} a month`;
    add('budget', verdict, verdict === 'caution' ? `${text}, so it may exceed the budget` : text, sizing.figures);
  }
  return reasons;
}

function judge(run: RunEvidence, needs: Needs): JudgedArm[] {
  return run.arms.map((arm) => {
    const cost = costOf(arm, run);
    const wantsSize = needs.p99Ms !== null || needs.budget !== null;
    const sizing = cost === null || !wantsSize ? null : sizeOf(arm, cost, needs);
    return {
      candidate: { arm, cost },
      sizing,
      reasons: [...reasonsFor(arm, needs), ...sizedReasons(needs, sizing)],
    };
  });
}

const fits = ({ reasons }: JudgedArm, without: Rule | null = null) =>
  !reasons.some((reason) => isUnknown(reason) || (isBroken(reason) && reason.rule !== without));

function firstAmong(judged: readonly JudgedArm[], needs: Needs, run: RunEvidence): string[] {
  return namesOfFirst(
    judged.map(({ candidate }) => candidate),
    needs,
    run,
  );
}

/** All minimal sets of needs such that every arm breaks one of them. */
function conflictsOf(judged: readonly JudgedArm[]): Rule[][] {
  const broken = judged.map(({ reasons }) => new Set(reasons.filter(isBroken).map(({ rule }) => rule)));
  if (broken.length === 0 || broken.some(({ size }) => size === 0)) return [];
  const rules = [...new Set(broken.flatMap((set) => [...set]))];
  const cover = (chosen: readonly Rule[]) => broken.every((set) => chosen.some((rule) => set.has(rule)));
  let level: Rule[][] = rules.map((rule) => [rule]);
  while (level.length > 0) {
    const found = level.filter(cover);
    if (found.length > 0) return found;
    level = level.flatMap((chosen) =>
      rules.slice(rules.indexOf(chosen.at(-1) as Rule) + 1).map((rule) => [...chosen, rule]),
    );
  }
  return [];
}

/** The needs of one kind of client alone; needs of pages in a browser apply only to browsers. */
function forClient(needs: Needs, client: Client): Needs {
  const isBrowser = client === 'browser';
  return {
    ...needs,
    clients: [client],
    crossOrigin: isBrowser && needs.crossOrigin,
    keepFromScripts: isBrowser && needs.keepFromScripts,
  };
}

function certaintyOf(fitting: readonly ArmAdvice[], first: readonly string[]): Certainty {
  if (fitting.length === 0) return 'none';
  if (fitting.length === 1) return 'only';
  if (first.length === 0) return 'unranked';
  return first.length === 1 ? 'supported' : 'tied';
}

export function advise(run: RunEvidence, needs: Needs): Advice {
  const faults = faultsOf(needs);
  const judged = faults.length > 0 ? [] : judge(run, needs);
  const fitting = judged.filter((one) => fits(one));
  const placed = placesOf(
    fitting.map(({ candidate }) => candidate),
    needs,
    run,
  );
  const described = (own: JudgedArm, place: number | null): ArmAdvice => {
    const { arm, cost } = own.candidate;
    const { declares } = arm;
    const lag = (operation: 'read' | 'critical'): Lag => ({
      boundMs: declares === null ? null : boundOf(declares, operation),
      seen: arm.lagMs[operation],
    });
    return {
      name: arm.name,
      title: arm.title,
      place,
      reasons: own.reasons,
      // An arm that is ruled out needs no sizing.
      sizing: own.sizing ?? (cost === null || !fits(own) ? null : sizeOf(arm, cost, needs)),
      lag: declares === null ? null : { read: lag('read'), critical: lag('critical') },
    };
  };
  const ranked = placed.flatMap(({ candidate, place }) => {
    const own = fitting.find((one) => one.candidate === candidate);
    return own === undefined ? [] : [described(own, place)];
  });
  const first = ranked.filter(({ place }) => place === 1).map(({ name }) => name);
  const certainty = certaintyOf(ranked, first);
  const others = judged.filter((one) => !fits(one)).map((one) => described(one, null));
  const isNone = certainty === 'none' && faults.length === 0;
  const conflicts = isNone ? conflictsOf(judged.filter(({ reasons }) => !reasons.some(isUnknown))) : [];
  const without = isNone
    ? [...new Set(judged.flatMap(({ reasons }) => reasons.filter(isBroken).map(({ rule }) => rule)))]
        .map((rule) => ({
          rule,
          first: firstAmong(
            judged.filter((one) => fits(one, rule)),
            needs,
            run,
          ),
        }))
        .filter((one) => one.first.length > 0)
    : [];
  const clients = CLIENTS.filter((client) => needs.clients.includes(client));
  const byClient =
    isNone && clients.length > 1
      ? clients.map((client) => ({ client, first: firstOf(run, forClient(needs, client)) }))
      : [];
  const alsoFit =
    faults.length > 0 ? [] : run.others.filter((arm) => fitsAsDeclared(arm, needs)).map(({ name }) => name);
  return {
    faults,
    first,
    certainty,
    ranked,
    ruledOut: others.filter(({ reasons }) => !reasons.some(isUnknown)),
    open: others.filter(({ reasons }) => reasons.some(isUnknown)),
    conflicts,
    without,
    byClient: byClient.every((one) => one.first.length > 0) ? byClient : [],
    missing:
      faults.length > 0
        ? []
        : missingOf(
            run,
            needs,
            fitting.map(({ candidate }) => fittingOf(candidate, fitting, run)),
            alsoFit,
            certainty === 'tied',
          ),
    flags: flagsOf(
      run,
      ranked.filter(({ name }) => first.includes(name)),
    ),
  };
}

function fittingOf({ arm, cost }: Candidate, fitting: readonly JudgedArm[], run: RunEvidence) {
  const others = fitting.map(({ candidate }) => candidate.arm.name).filter((name) => name !== arm.name);
  const isKnown = (other: string) => {
    const pair = pairOf(run, arm.name, other);
    return pair !== null && pair.outcome !== 'one sample';
  };
  return {
    name: arm.name,
    usesRedis: arm.serverState === 'redis',
    isMeasured: arm.cpuUs !== null,
    hasRecheckCost: arm.cpuUs === null || cost !== null,
    isCompared: others.length === 0 || others.some(isKnown),
    hasLag: arm.lagMs.read !== null,
    hasMemory: arm.stores.every((kind) => arm.storedBytes[kind] !== undefined),
    hasLatency: arm.latencies.length > 0,
    hasOutage: arm.acceptedInOutagePct !== null,
    hasBrowser: arm.readByScript !== null,
  };
}

/** The flags of the first arms' figures, of their reasons, and of the pairs that put them first. */
function flagsOf(run: RunEvidence, first: readonly ArmAdvice[]): string[] {
  const names = first.map(({ name }) => name);
  const pairs = run.pairs.filter(({ a, b }) => names.includes(a) || names.includes(b)).map(({ ratio }) => ratio);
  const own = first.flatMap(({ sizing, reasons }) => [
    ...(sizing?.figures ?? []),
    ...reasons.flatMap(({ figures }) => figures),
  ]);
  return [...new Set([...own, ...pairs].flatMap(({ flags }) => flags))].sort();
}
