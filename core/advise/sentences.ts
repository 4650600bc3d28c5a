/** The advice in sentences, shared by the command line, the decision record and the report's page. */

import type { Advice, ArmAdvice, Lag } from './advise.ts';
import type { RunEvidence, Sourced } from './evidence.ts';
import type { Flips, NumericFlip, SwitchFlip } from './flips.ts';
import type { Carries } from './inverse.ts';
import type { Needs, NumericNeed, Prices } from './needs.ts';
import { pairOf } from './order.ts';
import { type Reason, RULES, type Rule, sourcesOf } from './reason.ts';
import { exceedsBound } from './rules.ts';
import { amountText, durationText, listText, loadText, percentText, timesText } from './words.ts';

/** One need in words: `40,000 requests a second`. */
const NEED_TEXTS = {
  users: (value: number) => `${amountText(value)} users`,
  requestsPerSecond: (value: number) => `${amountText(value)} requests a second`,
  criticalShare: (value: number) =>
    value < 0.001 ? 'no critical operations' : `${percentText(value)} critical operations`,
  rttMs: (value: number) => `${durationText(value)} to Redis and back`,
  revokeWithinMs: (value: number) => (value === 0 ? 'revocation at once' : `revocation within ${durationText(value)}`),
  criticalWithinMs: (value: number) =>
    value === 0
      ? 'revocation at once for critical operations'
      : `revocation within ${durationText(value)} for critical operations`,
  utilisation: (value: number) => `${percentText(value)} utilisation`,
  p99Ms: (value: number) => `a limit of ${durationText(value)} for 99 % of requests`,
  budget: (value: number) => `a budget of ${amountText(value)} a month`,
} as const satisfies Record<NumericNeed, (value: number) => string>;

const YES_NO: Readonly<Partial<Record<keyof Needs, readonly [yes: string, no: string]>>> = {
  crossOrigin: ['pages of another site call it', 'no page of another site calls it'],
  keepFromScripts: ['no script may read the credential', 'scripts may read the credential'],
  verifiedElsewhere: ['services that must not issue it verify it', 'only its own servers verify it'],
  sticky: ['users may be bound to a replica', 'any replica must serve any user'],
  handTuned: ['hand-written code may be chosen', 'hand-written code is left out'],
};

const OUTAGE_TEXTS = {
  refuse: 'requests may be refused while Redis is unavailable',
  answer: 'reads must be answered while Redis is unavailable',
} as const;
const STORE_TEXTS = {
  redis: 'servers may keep state in Redis',
  process: 'servers may keep state only in their own memory',
  none: 'servers keep no state',
} as const;

/** As the reader wrote them. */
const pricesText = ({ replica, redisNode, gigabyte }: Prices) =>
  `prices in one currency: ${replica} a month for a replica, ${redisNode} a month for a Redis node, ${gigabyte} for a GB of traffic`;

/** All needs, a few words each. */
export function needsTexts(needs: Needs): string[] {
  const { revokeWithinMs, criticalWithinMs, p99Ms, prices, budget } = needs;
  const yesNo = (need: 'crossOrigin' | 'keepFromScripts' | 'verifiedElsewhere' | 'sticky' | 'handTuned') =>
    YES_NO[need]?.[needs[need] ? 0 : 1] ?? '';
  return [
    NEED_TEXTS.users(needs.users),
    NEED_TEXTS.requestsPerSecond(needs.requestsPerSecond),
    NEED_TEXTS.criticalShare(needs.criticalShare),
    NEED_TEXTS.rttMs(needs.rttMs),
    revokeWithinMs === null ? 'no revocation deadline' : NEED_TEXTS.revokeWithinMs(revokeWithinMs),
    ...(criticalWithinMs === revokeWithinMs || criticalWithinMs === null
      ? []
      : [NEED_TEXTS.criticalWithinMs(criticalWithinMs)]),
    `clients: ${listText(needs.clients)}`,
    ...(needs.clients.includes('browser') ? [yesNo('crossOrigin'), yesNo('keepFromScripts')] : []),
    ...(needs.verifiedElsewhere ? [yesNo('verifiedElsewhere')] : []),
    OUTAGE_TEXTS[needs.outage],
    STORE_TEXTS[needs.store],
    ...(needs.sticky ? [yesNo('sticky')] : []),
    yesNo('handTuned'),
    NEED_TEXTS.utilisation(needs.utilisation),
    ...(p99Ms === null ? [] : [NEED_TEXTS.p99Ms(p99Ms)]),
    ...(prices === null ? [] : [pricesText(prices)]),
    ...(budget === null ? [] : [NEED_TEXTS.budget(budget)]),
  ];
}

const rules = (names: readonly Rule[]) => listText(names.map((name) => RULES[name]));

/** The criterion by which arms were ordered. */
const measure = ({ prices }: Needs) => (prices === null ? 'CPU time' : 'money');

/**
 * How much more CPU time the second arm takes than the first, by their pair. Empty if money decides, and if the pair
 * shows no such difference: critical operations and cache misses, which it does not include, then make the order.
 */
function leadTexts({ ranked, first: [first = ''] }: Advice, { prices }: Needs, run: RunEvidence): string[] {
  const [next] = ranked.filter(({ place, name }) => place !== null && name !== first);
  const pair = next === undefined ? null : pairOf(run, first, next.name);
  if (next === undefined || pair === null || prices !== null) return [];
  const { value, low, high } = pair.ratio;
  const ratio = pair.b === first ? { value, low, high } : { value: 1 / value, low: 1 / high, high: 1 / low };
  if (pair.outcome === 'one sample' || pair.outcome === 'no difference' || ratio.low <= 1) return [];
  return [
    `${next.name}, which is next, takes ${timesText(ratio)} the CPU time of ${first} for a read as in the benchmark.`,
  ];
}

/** What some of the first arms do and others do not, to choose between them; empty if all are alike. */
function differenceTexts({ ranked, first }: Advice): string[] {
  const arms = ranked.filter(({ name }) => first.includes(name));
  const some = (does: string, do_: string, has: (arm: ArmAdvice) => boolean) => {
    const names = arms.filter(has).map(({ name }) => name);
    if (names.length === 0 || names.length === arms.length) return [];
    return [`${listText(names)} ${names.length === 1 ? does : do_}`];
  };
  const parts = [
    ...some('needs no Redis', 'need no Redis', ({ sizing }) => sizing?.redisNodes.high === 0),
    ...some(
      'refuses a revoked credential at once',
      'refuse a revoked credential at once',
      ({ lag }) => lag?.read.boundMs === 0 && !exceedsBound(lag.read.boundMs, lag.read.seen),
    ),
  ];
  return parts.length === 0 ? [] : [`Choose between them by what they do: ${parts.join('; ')}.`];
}

/** The answer in a few sentences. Each ends in a full stop. */
export function answerTexts(advice: Advice, needs: Needs, run: RunEvidence): string[] {
  const { first, certainty, ranked, faults, conflicts, without, byClient, open } = advice;
  if (faults.length > 0) return faults.map((fault) => `The requirements contradict each other: ${fault}.`);
  const names = listText(first);
  const unplaced = ranked.filter(({ place }) => place === null).map(({ name }) => name);
  const beside =
    unplaced.length === 0
      ? []
      : [
          `${listText(unplaced)} ${unplaced.length === 1 ? 'fits' : 'fit'} too, and ${unplaced.length === 1 ? 'was' : 'were'} not compared.`,
        ];
  switch (certainty) {
    case 'only':
      return [`${names || ranked[0]?.name}: no other measured arm meets the requirements.`];
    case 'supported':
      return [
        `${names}: of ${ranked.length} arms that meet the requirements it takes the least ${measure(needs)}.`,
        ...leadTexts(advice, needs, run),
        ...beside,
      ];
    case 'tied':
      return [
        `${names}: these meet the requirements, and no difference in ${measure(needs)} between them was found.`,
        ...differenceTexts(advice),
        ...beside,
      ];
    case 'unranked':
      return [
        `${listText(ranked.map(({ name }) => name))} meet the requirements. This run does not show which takes the least ${measure(needs)}.`,
      ];
    case 'none':
      return [
        open.length > 0 && conflicts.length === 0
          ? 'This run does not record what its arms promise, so they cannot be judged.'
          : 'No arm of this run meets the requirements.',
        ...conflicts
          .slice(0, 2)
          .map((set) => `${set.length === 1 ? 'None can' : 'None can at the same time'} ${rules(set)}.`),
        ...byClient.map((one) => `For ${one.client} clients alone: ${listText(one.first)}.`),
        ...without.map((one) => `If it need not ${RULES[one.rule]}: ${listText(one.first)}.`),
      ];
  }
}

/** More names than this are told as a difference. */
const FEW_NAMES = 3;
const MOST_NAMES = 5;

/** `a, b, c, d, e and 3 more`. */
function shortList(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return rest < 2 ? listText(names) : `${names.slice(0, MOST_NAMES).join(', ')} and ${rest} more`;
}

const isOrAre = ({ length }: readonly string[]) => (length === 1 ? 'is' : 'are');

/** @param now the arms that are first at the given needs */
function thenFirst({ first, isMet }: NumericFlip | SwitchFlip, now: readonly string[]): string {
  if (first.length === 0) return isMet ? 'it is not known which arm costs least' : 'no arm meets the requirements';
  const more = first.filter((name) => !now.includes(name));
  const fewer = now.filter((name) => !first.includes(name));
  const isDifferent = fewer.length === now.length;
  if (first.length <= FEW_NAMES || isDifferent) return `${shortList(first)} ${isOrAre(first)} first`;
  return [
    ...(more.length === 0 ? [] : [`${shortList(more)} ${isOrAre(more)} first too`]),
    ...(fewer.length === 0 ? [] : [`${shortList(fewer)} ${isOrAre(fewer)} no longer first`]),
  ].join(', and ');
}

function numericFlipText(flip: NumericFlip, now: readonly string[]): string {
  const { need, at, direction } = flip;
  // Nothing is less than none, or sooner than at once.
  const beyond = direction === 'up' ? ', or more' : at < 0.001 ? '' : ', or less';
  return `with ${NEED_TEXTS[need](at)}${beyond}: ${thenFirst(flip, now)}`;
}

function switchText({ need, to }: SwitchFlip): string {
  const yesNo = YES_NO[need];
  if (yesNo !== undefined) return yesNo[to === 'yes' ? 0 : 1];
  if (need === 'outage') return OUTAGE_TEXTS[to as keyof typeof OUTAGE_TEXTS];
  if (need === 'store') return STORE_TEXTS[to as keyof typeof STORE_TEXTS];
  return `clients are ${listText(to.split(','))}`;
}

/** Other answers with the same outcome are one text. */
function switchFlipTexts(switches: readonly SwitchFlip[], now: readonly string[]): string[] {
  return [...Map.groupBy(switches, (flip) => thenFirst(flip, now))].map(
    ([outcome, flips]) => `if ${flips.map(switchText).join('; or if ')}: ${outcome}`,
  );
}

/** The nearest change of a number, then the other answers. @param now the arms that are first */
export function flipTexts({ numbers, switches }: Flips, now: readonly string[]): string[] {
  return [
    ...(numbers.length === 0 ? ['no value within its range changes the first place'] : []),
    ...numbers.map((flip) => numericFlipText(flip, now)),
    ...switchFlipTexts(switches, now),
  ];
}

/**
 * `at once`, `within 15 min`, `never`; followed by `(declared)` if it was not measured; `after 20 min` if that was
 * measured and is longer than declared.
 */
export function lagText({ boundMs, seen }: Lag): string {
  if (seen !== null && exceedsBound(boundMs, seen)) return `after ${durationText(seen.low)}`;
  const bound = boundMs === null ? 'never' : boundMs === 0 ? 'at once' : `within ${durationText(boundMs)}`;
  return seen === null ? `${bound} (declared)` : bound;
}

/** `measured: revocation_lag_ms of hybrid`, and the other sources. */
export function sourceText(reason: Reason): string {
  return sourcesOf(reason, figureName).join('; ');
}

/** `revocation_lag_ms{kind=logout}`: the name used in limits. */
function figureName({ metric, factors }: Sourced): string {
  const pairs = Object.entries(factors).map(([name, level]) => `${name}=${level}`);
  return pairs.length === 0 ? metric : `${metric}{${pairs.join(',')}}`;
}

const LIMITS = {
  utilisation: 'limited by the utilisation',
  p99: 'limited by the latency limit',
  budget: 'limited by the budget',
  range: 'the highest load that was tried',
} as const;

/** What arms carry, by what limits them; the most first. */
export function carriesTexts(carries: readonly { readonly name: string; readonly load: Carries }[]): string[] {
  const loadOf = ({ load }: { readonly load: Carries }) => load.requestsPerSecond ?? 0;
  const byLimit = Map.groupBy(
    carries.toSorted((one, other) => loadOf(other) - loadOf(one)),
    ({ load: { limit } }) => limit,
  );
  return [...byLimit].map(([limit, arms]) => {
    const each = arms.map(({ name, load }) => `${name} ${loadText(load.requestsPerSecond)}`);
    return `requests a second, ${LIMITS[limit]}: ${each.join('; ')}`;
  });
}
