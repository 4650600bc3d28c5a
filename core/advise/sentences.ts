/** The advice in sentences, shared by the command line, the decision record and the report's page. */

import type { Advice, ArmAdvice, Lag } from './advise.ts';
import type { Sourced } from './evidence.ts';
import type { Flips, NumericFlip, SwitchFlip } from './flips.ts';
import type { Carries } from './inverse.ts';
import type { Needs, NumericNeed } from './needs.ts';
import { type Reason, RULES, type Rule } from './reason.ts';
import { amountText, durationText, listText, percentText } from './words.ts';

/** One need in words: `40,000 requests a second`. */
export const NEED_TEXTS = {
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

/** All needs, a few words each. */
export function needsTexts(needs: Needs): string[] {
  const { revokeWithinMs, criticalWithinMs, p99Ms, budget } = needs;
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
    ...(budget === null ? [] : [NEED_TEXTS.budget(budget)]),
  ];
}

const rules = (names: readonly Rule[]) => listText(names.map((name) => RULES[name]));

/** The criterion by which arms were ordered. */
const measure = ({ prices }: Needs) => (prices === null ? 'CPU time' : 'money');

/** The answer in a few sentences. Each ends in a full stop. */
export function answerTexts(advice: Advice, needs: Needs): string[] {
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
        ...beside,
      ];
    case 'tied':
      return [
        `${names}: these meet the requirements, and no difference in ${measure(needs)} between them was found.`,
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

const thenFirst = (first: readonly string[]) =>
  first.length === 0
    ? 'no arm meets the requirements, or none ranks first'
    : `${listText(first)} ${first.length === 1 ? 'is' : 'are'} first`;

export function numericFlipText({ need, at, direction, first }: NumericFlip): string {
  // Nothing is less than none, or sooner than at once.
  const beyond = direction === 'up' ? ', or more' : at < 0.001 ? '' : ', or less';
  return `with ${NEED_TEXTS[need](at)}${beyond}: ${thenFirst(first)}`;
}

export function switchFlipText({ need, to, first }: SwitchFlip): string {
  const yesNo = YES_NO[need];
  const text =
    yesNo !== undefined
      ? yesNo[to === 'yes' ? 0 : 1]
      : need === 'outage'
        ? OUTAGE_TEXTS[to as keyof typeof OUTAGE_TEXTS]
        : need === 'store'
          ? STORE_TEXTS[to as keyof typeof STORE_TEXTS]
          : `clients are ${listText(to.split(','))}`;
  return `if ${text}: ${thenFirst(first)}`;
}

/** The nearest change of a number, then the other answers. */
export function flipTexts({ numbers, switches }: Flips): string[] {
  const [nearest, ...more] = numbers;
  return [
    nearest === undefined ? 'no value within its range changes the first place' : numericFlipText(nearest),
    ...more.map(numericFlipText),
    ...switches.map(switchFlipText),
  ];
}

/** `at once`, `15 min`, `never`; with the measured lag. */
export function lagText({ boundMs, seen }: Lag): string {
  const bound = boundMs === null ? 'never' : boundMs === 0 ? 'at once' : `within ${durationText(boundMs)}`;
  return seen === null ? `${bound} (declared)` : bound;
}

/** `measured: revocation_lag_ms of hybrid`, and the other sources. */
export function sourceText({ figures, declared, published }: Reason): string {
  const parts = [
    ...figures.map(figureName),
    ...(declared === null ? [] : [`declared ${declared}`]),
    ...(published === null ? [] : [published]),
  ];
  return parts.join('; ');
}

/** `revocation_lag_ms{kind=logout}`: the name used in limits. */
export function figureName({ metric, factors }: Sourced): string {
  const pairs = Object.entries(factors).map(([name, level]) => `${name}=${level}`);
  return pairs.length === 0 ? metric : `${metric}{${pairs.join(',')}}`;
}

export function carriesText({ name }: Pick<ArmAdvice, 'name'>, { requestsPerSecond, limit }: Carries): string {
  if (requestsPerSecond === null) return `${name}: none`;
  const rounded = Number(requestsPerSecond.toPrecision(2));
  const by = { utilisation: 'utilisation', p99: 'latency', budget: 'budget', range: 'nothing' } as const;
  return `${name}: ${amountText(rounded)} requests a second, limited by ${by[limit]}`;
}
