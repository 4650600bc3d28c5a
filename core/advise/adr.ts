/** The advice as an architecture decision record, in the form of MADR 4.0.0. Pure. */

import type { Interval } from '../stats/interval.ts';
import { escapeMarkdown, inlineCode, markdownName } from '../text/markdown.ts';
import type { Advice, ArmAdvice } from './advise.ts';
import type { Confirmation } from './confirmation.ts';
import type { RunEvidence } from './evidence.ts';
import type { Flips } from './flips.ts';
import { sharedReasons, sharedText } from './grouped.ts';
import type { Needs } from './needs.ts';
import type { Reason } from './reason.ts';
import { flipTexts, lagText, needsTexts, sourceText } from './sentences.ts';
import { isBounded, type Sizing } from './sizing.ts';
import { amountText, bytesText, countText, latencyText, listText, moneyText } from './words.ts';

export interface Decision {
  readonly run: RunEvidence;
  readonly needs: Needs;
  readonly advice: Advice;
  readonly flips: Flips;
  readonly confirmation: Confirmation | null;
  /** `2026-01-31`. */
  readonly date: string;
}

const item = (text: string) => `* ${text}`;
const text = escapeMarkdown;

function withSource(reason: Reason): string {
  const source = sourceText(reason);
  return text(source === '' ? reason.text : `${reason.text} (${source})`);
}

/** What to plan for if the fleet cannot carry the load at the upper ends of its costs. */
function overloadText({ replicas, companions, redisNodes }: Sizing): string {
  const most = ({ high }: Interval, noun: string) =>
    high === 0 ? [] : [countText({ value: high, low: high, high }, noun)];
  const fleet = [...most(replicas, 'replica'), ...most(companions, 'companion'), ...most(redisNodes, 'Redis node')];
  return `if a request costs as much as its interval allows, this is too few: plan for ${listText(fleet)}`;
}

/** What a load needs, one sentence each. */
export function sizeText({ sizing, lag }: ArmAdvice, needs: Needs): string[] {
  if (sizing === null) return [];
  const { replicas, companions, redisNodes, redisBytes, wireBytesPerSecond, p99Ms, p99From, money } = sizing;
  return [
    `${amountText(needs.requestsPerSecond)} requests a second need ${countText(replicas, 'replica')} of one core${companions.value === 0 ? '' : `, ${countText(companions, 'companion')} (authorization server or database)`} and ${redisNodes.value === 0 ? 'no Redis' : countText(redisNodes, 'Redis node')}`,
    ...(redisBytes === null || redisBytes.high === 0
      ? []
      : [`${amountText(needs.users)} users take ${bytesText(redisBytes)} in Redis`]),
    ...(wireBytesPerSecond === null ? [] : [`requests and responses take ${bytesText(wireBytesPerSecond, 'B/s')}`]),
    `99 % of requests are answered within ${latencyText(p99Ms)}, by ${p99From === 'queue' ? 'a queueing model' : 'measured latencies at this utilisation'}`,
    ...(isBounded(p99Ms) ? [] : [overloadText(sizing)]),
    ...(lag === null ? [] : [`a revoked credential is refused ${lagText(lag.read)}`]),
    ...(money === null ? [] : [`it costs ${moneyText(money)} a month`]),
  ];
}

/** Completes `Chosen option: …, because`. */
function becauseText({ certainty, ranked, first }: Advice, needs: Needs, chosen: string): string {
  const measure = needs.prices === null ? 'CPU time' : 'money';
  const others = first.filter((name) => name !== chosen);
  if (certainty === 'only') return 'no other measured arm meets the requirements';
  if (certainty === 'supported')
    return `of ${ranked.length} arms that meet the requirements it takes the least ${measure}`;
  return `it meets the requirements, as ${listText(others)} ${others.length === 1 ? 'does' : 'do'}, and no difference in ${measure} between them was found`;
}

function option(arm: ArmAdvice, needs: Needs): string[] {
  const kinds: Readonly<Record<Reason['verdict'], string>> = {
    meets: 'Good',
    caution: 'Neutral',
    breaks: 'Bad',
    unknown: 'Neutral',
  };
  const reasons = arm.reasons.map((reason) => item(`${kinds[reason.verdict]}, because ${withSource(reason)}`));
  const sizes = sizeText(arm, needs).map((size) => item(`Neutral, because ${text(size)}`));
  return [`### ${markdownName(arm.name)}`, '', text(arm.title), '', ...reasons, ...sizes, ''];
}

/** The other options together, because most of them share their reasons. */
function excluded({ ruledOut }: Advice, needs: Needs): string[] {
  const reasons = sharedReasons(ruledOut, ['breaks'], needs);
  if (reasons.length === 0) return [];
  const items = reasons.map((reason) => item(`Bad, because ${text(sharedText(reason))}`));
  return ['### Options that do not meet the requirements', '', ...items, ''];
}

/** @returns null if no arm is first: there is nothing to decide */
export function adrOf({ run, needs, advice, flips, confirmation, date }: Decision): string | null {
  const [chosen] = advice.ranked.filter(({ name }) => advice.first.includes(name));
  if (chosen === undefined) return null;
  const met = chosen.reasons.filter(({ verdict }) => verdict === 'meets');
  const cautions = chosen.reasons.filter(({ verdict }) => verdict === 'caution');
  const flags = advice.flags.length === 0 ? 'none' : listText(advice.flags);
  const limits =
    confirmation === null
      ? ['Nothing that this decision rests on was measured in a way that a limit could check.']
      : [
          `${inlineCode(confirmation.command)} in CI fails when a limit in \`tollgate.config.json\` is broken:`,
          '',
          '```json',
          JSON.stringify({ thresholds: confirmation.thresholds }, null, 2),
          '```',
        ];
  const lines = [
    '---',
    'status: proposed',
    `date: ${date}`,
    'decision-makers:',
    'consulted:',
    'informed:',
    '---',
    '',
    `# Authenticate with ${markdownName(chosen.name)}`,
    '',
    '## Context and Problem Statement',
    '',
    `Which authentication scheme meets the requirements below at the lowest cost? The figures are of the run ${markdownName(run.runId)} of Tollgate${run.reference ? ', the reference run, which was made elsewhere' : ''}: ${text(run.machine)}.`,
    '',
    '## Decision Drivers',
    '',
    ...needsTexts(needs).map(text).map(item),
    '',
    '## Considered Options',
    '',
    ...[...advice.ranked, ...advice.ruledOut, ...advice.open].map(({ name, title }) =>
      item(`${markdownName(name)}: ${text(title)}`),
    ),
    '',
    '## Decision Outcome',
    '',
    `Chosen option: "${markdownName(chosen.name)}", because ${text(becauseText(advice, needs, chosen.name))}.`,
    '',
    '### Consequences',
    '',
    ...met.map((reason) => item(`Good, because ${withSource(reason)}`)),
    ...sizeText(chosen, needs).map((size) => item(`Neutral, because ${text(size)}`)),
    ...cautions.map((reason) => item(`Bad, because ${withSource(reason)}`)),
    '',
    '### Confirmation',
    '',
    ...limits,
    '',
    '## Pros and Cons of the Options',
    '',
    ...advice.ranked.flatMap((arm) => option(arm, needs)),
    ...excluded(advice, needs),
    '## More Information',
    '',
    'What would change the decision, the smallest change first:',
    '',
    ...flipTexts(flips, advice.first).map(text).map(item),
    '',
    `Validity flags of the figures: ${text(flags)}.`,
    ...advice.missing.flatMap(({ what, command }) => ['', `Not measured: ${text(what)}. ${inlineCode(command)}`]),
  ];
  return `${lines.join('\n')}\n`;
}
