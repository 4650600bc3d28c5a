/** JUnit XML, which every CI system shows: one test per arm and question. Pure. */

import { inert } from '../../core/inert.ts';
import type { ThresholdResult } from '../../core/thresholds/judge.ts';
import { isBroken, resultLine } from '../../core/thresholds/judge.ts';
import type { InstructionChange } from '../instructions/count.ts';
import { gcName, INSTRUCTIONS, instructionWords, regressionsOf, round } from './regressions.ts';
import { type CompareReport, costWords, gcWords } from './report.ts';
import type { Judged } from './verdict.ts';

export interface TestCase {
  readonly suite: string;
  readonly name: string;
  readonly seconds: number;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly message: string;
}

/** Characters that XML 1.0 has no place for, even escaped, become visible ones: half of a surrogate pair is one, too. */
export function escapeXml(text: string): string {
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

export function junitXml(name: string, cases: readonly TestCase[]): string {
  const count = (outcome: TestCase['outcome']) => cases.filter((one) => one.outcome === outcome).length;
  const totals = `tests="${cases.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    `<testsuite name="${escapeXml(name)}" ${totals}>`,
    ...cases.map(caseXml),
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** A question without an answer is a skipped test: it says neither good nor bad. */
export function compareCases(report: CompareReport): TestCase[] {
  const red = regressionsOf(report.arms);
  const messageOf = (arm: string, metric: string) =>
    red.find((regression) => regression.arm === arm && regression.metric === metric)?.text ?? '';
  return [
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

function instructionCase(arm: string, change: InstructionChange, fault: string): TestCase {
  const outcome = change.verdict === 'more' ? 'failed' : 'passed';
  return { suite: arm, name: INSTRUCTIONS, seconds: 0, outcome, message: fault || instructionWords(change) };
}

function outcomeOf({ verdict }: Judged): TestCase['outcome'] {
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
