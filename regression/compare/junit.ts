/** JUnit XML, which every CI system shows: one test per arm and question. Pure. */

import { inert } from '../../core/inert.ts';
import type { ThresholdResult } from '../../core/thresholds/judge.ts';
import { isBroken, resultLine } from '../../core/thresholds/judge.ts';
import { dropped, type Finding, findingText } from '../confirm/confirmation.ts';
import type { InstructionChange } from '../instructions/count.ts';
import { type ArmSecurity, securityWords } from '../security/judge.ts';
import { gcName, INSTRUCTIONS, instructionWords, regressionsOf, round } from './regressions.ts';
import { type CompareReport, costWords, gcWords } from './report.ts';
import type { Judgement } from './verdict.ts';

export interface TestCase {
  readonly suite: string;
  readonly name: string;
  readonly seconds: number;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly message: string;
}

/** Characters that XML 1.0 forbids even when escaped, including lone surrogates, become visible ones. */
function escapeXml(text: string): string {
  return inert(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function caseXml({ suite, name, seconds, outcome, message }: TestCase): string {
  const open = `<testcase classname="${escapeXml(suite)}" name="${escapeXml(name)}" time="${seconds.toFixed(3)}"`;
  if (outcome === 'passed') return `${open}/>`;
  const tag = outcome === 'failed' ? 'failure' : 'skipped';
  const text = escapeXml(message);
  // Some readers show the attribute, others the content.
  return `${open}><${tag} message="${text}">${text}</${tag}></testcase>`;
}

/** @param ran when it began, in ISO 8601, and how long it took */
export function junitXml(
  name: string,
  cases: readonly TestCase[],
  ran: { readonly startedAt: string; readonly seconds: number } | null = null,
): string {
  const count = (outcome: TestCase['outcome']) => cases.filter((one) => one.outcome === outcome).length;
  const seconds = ran?.seconds ?? cases.reduce((sum, one) => sum + one.seconds, 0);
  // The schema of JUnit wants seconds and no zone.
  const timestamp = ran === null ? '' : ` timestamp="${escapeXml(ran.startedAt.slice(0, 19))}"`;
  const totals = `tests="${cases.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    `<testsuite name="${escapeXml(name)}"${timestamp} ${totals}>`,
    ...cases.map(caseXml),
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** A question without an answer is a skipped test, and so is one with two different answers. */
export function compareCases(report: CompareReport): TestCase[] {
  const { confirmation } = report;
  const unconfirmed = confirmation === null ? [] : dropped(confirmation);
  return casesOf(report).map((one) => {
    const found = one.outcome === 'failed' ? unconfirmed.find((finding) => isAbout(finding, one)) : undefined;
    return found === undefined ? one : { ...one, outcome: 'skipped', message: `Not confirmed: ${findingText(found)}` };
  });
}

/** A cost and its garbage collection are one question. */
function isAbout({ arm, question }: Finding, { suite, name }: TestCase): boolean {
  return arm === suite && (name === question || name.startsWith(`${question}:`));
}

function casesOf(report: CompareReport): TestCase[] {
  const red = regressionsOf(report.arms);
  const messageOf = (arm: string, metric: string) =>
    red.find((regression) => regression.arm === arm && regression.metric === metric)?.text ?? '';
  return [
    ...(report.identical
      ? [{ ...NO_TIME, suite: 'compare', name: 'identical', outcome: 'passed' as const, message: '' }]
      : []),
    ...(report.failure === null
      ? []
      : [{ ...NO_TIME, suite: 'compare', name: 'measurement', outcome: 'failed' as const, message: report.failure }]),
    ...report.security.map((security) => securityCase(security, report.unsafe)),
    ...report.arms.flatMap(({ arm, presence, guards, instructions, costs }): TestCase[] => [
      ...(presence === 'both'
        ? []
        : [{ suite: arm, name: 'arm', seconds: 0, outcome: 'skipped' as const, message: presence }]),
      ...costs.flatMap((cost): TestCase[] => {
        const { metric, judged, seconds, parts } = cost;
        const whole = messageOf(arm, metric);
        const one = {
          suite: arm,
          name: metric,
          seconds,
          outcome: outcomeOf(judged),
          message: whole || costWords(cost),
        };
        if (parts === null) return [one];
        const name = gcName(metric);
        const gc = messageOf(arm, name);
        const outcome = gc === '' && parts.gc.verdict === 'slower' ? 'passed' : outcomeOf(parts.gc);
        return [one, { suite: arm, name, seconds, outcome, message: gc || gcWords(parts) }];
      }),
      ...(instructions === null ? [] : [instructionCase(arm, instructions, messageOf(arm, INSTRUCTIONS))]),
      ...guards.map(
        ({ metric, verdict, base, head }): TestCase => ({
          suite: arm,
          name: metric,
          seconds: 0,
          outcome: verdict === 'more' ? 'failed' : verdict === 'not counted' ? 'skipped' : 'passed',
          message: messageOf(arm, metric) || `${round(base)} and ${round(head)}`,
        }),
      ),
    ]),
    ...thresholdCases(report.thresholds),
  ];
}

const NO_TIME = { seconds: 0 } as const;

function securityCase({ arm, checks, faults, alike }: ArmSecurity, unsafe: boolean): TestCase {
  const found = faults.length > 0 ? faults : alike;
  return {
    ...NO_TIME,
    suite: arm,
    name: 'security checks',
    outcome: found.length === 0 ? 'passed' : faults.length > 0 && !unsafe ? 'failed' : 'skipped',
    message: found.length === 0 ? `${checks} checks` : found.map((finding) => securityWords(finding)).join('; '),
  };
}

function instructionCase(arm: string, change: InstructionChange, fault: string): TestCase {
  const outcome = change.verdict === 'more' ? 'failed' : 'passed';
  return { suite: arm, name: INSTRUCTIONS, seconds: 0, outcome, message: fault || instructionWords(change) };
}

function outcomeOf({ verdict }: Judgement): TestCase['outcome'] {
  if (verdict === 'slower') return 'failed';
  return verdict === 'cannot-tell' ? 'skipped' : 'passed';
}

export function thresholdCases(results: readonly ThresholdResult[]): TestCase[] {
  return results.map((result): TestCase => {
    const { threshold, outcome, figure } = result;
    const failed = isBroken(result);
    return {
      suite: figure?.arm ?? threshold.arm ?? 'every arm',
      name: threshold.expression.text,
      seconds: 0,
      outcome: failed ? 'failed' : outcome === 'kept' ? 'passed' : 'skipped',
      message: resultLine(result),
    };
  });
}
