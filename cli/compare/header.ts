/** The header of a comparison's report, before anything is measured. */
import { basename, join } from 'node:path';
import { RATES_FILE, ratesFor } from '../../regression/aa/known.ts';
import type { Build } from '../../regression/compare/build.ts';
import { CONFIDENCE } from '../../regression/compare/contest.ts';
import { codeOf } from '../../regression/compare/identity.ts';
import type { BuildSummary, CompareReport } from '../../regression/compare/report.ts';
import { machineClassHere } from '../../regression/machine-class.ts';
import { ROOT } from '../root.ts';
import { typedCommand } from '../typed-command.ts';
import type { Comparing } from './comparing.ts';

/** Local paths are useless if the command is repeated elsewhere, as are the rates of this machine; the seed is shown separately. */
const LEFT_OUT = ['--markdown', '--junit', '--seed', '--flame', '--rates'];

/** The first report, which comes from another job: its name says which file is meant, and its folder nothing. */
const FIRST = '--confirm-of';

/** The flags as others may repeat them: without outputs, and without the folder of the first report. */
export function repeatable(args: readonly string[]): string[] {
  const kept = args.filter((arg, i) => {
    const isValue = LEFT_OUT.includes(args[i - 1] ?? '');
    return !isValue && arg !== '--json' && !LEFT_OUT.includes(arg.replace(/=.*/s, ''));
  });
  return kept.map((arg, i) => {
    if (kept[i - 1] === FIRST) return basename(arg);
    return arg.startsWith(`${FIRST}=`) ? `${FIRST}=${basename(arg.slice(FIRST.length + 1))}` : arg;
  });
}

type Measured = 'startedAt' | 'seconds' | 'interrupted' | 'security' | 'arms' | 'regressions' | 'thresholds' | 'notes';

export function headerOf({ args, options, base, head }: Comparing): Omit<CompareReport, Measured> {
  const { arms, metrics, budgetSeconds, instructionsMarginPct } = options;
  const machineClass = machineClassHere();
  return {
    command: typedCommand('compare', repeatable(args)),
    base: summaryOf(base),
    head: summaryOf(head),
    marginPct: options.marginPct,
    confidence: CONFIDENCE,
    seed: options.seed,
    identical: false,
    unsafe: options.unsafe,
    machineClass,
    rates: options.guardsOnly ? null : ratesFor(options.rates ?? join(ROOT, RATES_FILE), machineClass, Date.now()),
    asked: { arms, metrics, budgetSeconds, instructionsMarginPct },
    confirmation: null,
    failure: null,
  };
}

/** A report without a measurement. */
function unmeasured(comparing: Comparing): CompareReport {
  return {
    ...headerOf(comparing),
    startedAt: new Date().toISOString(),
    seconds: 0,
    interrupted: false,
    rates: null,
    security: [],
    arms: [],
    regressions: [],
    thresholds: [],
    notes: [],
  };
}

/** The report for a pair that could not be compared, next to others. */
export function notCompared(comparing: Comparing, failure: string): CompareReport {
  return { ...unmeasured(comparing), failure };
}

/** The report for identical builds: any difference between them would come from the machine. */
export function nothingToCompare(comparing: Comparing): CompareReport {
  return {
    ...unmeasured(comparing),
    identical: true,
    notes: ['Their servers, packages and Node are the same, so nothing was started; use --anyway to measure them.'],
  };
}

function summaryOf({ label, commit, node, directory }: Build): BuildSummary {
  return { label, commit, node, code: codeOf(directory) };
}
