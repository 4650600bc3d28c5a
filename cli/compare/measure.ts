/** The first measurement of two builds: their security checks, then their counts and costs. */
import type { FleetEnvironment } from '../../bench/fleet/fleet.ts';
import { judgeThresholds } from '../../core/thresholds/judge.ts';
import { armOf, type Build } from '../../regression/compare/build.ts';
import { type ArmComparison, comparable, compareBuilds, speedOf } from '../../regression/compare/compare.ts';
import { coreNotes } from '../../regression/compare/core-notes.ts';
import type { CostMetric } from '../../regression/compare/costs/costs.ts';
import { figuresOf } from '../../regression/compare/figures.ts';
import { regressionsOf } from '../../regression/compare/regressions.ts';
import { type CompareReport, securityFaults } from '../../regression/compare/report.ts';
import { findCounters } from '../../regression/counters/perf.ts';
import { changedPackages, lockOf } from '../../regression/explain/packages.ts';
import { checkBuilds } from '../../regression/security/check.ts';
import { printNote } from '../output.ts';
import type { Comparing } from './comparing.ts';
import { headerOf } from './header.ts';

/** An interrupted comparison reports the arms measured so far. */
export async function measure(comparing: Comparing, environment: FleetEnvironment): Promise<CompareReport> {
  const { options, config, base, head, progress, signal } = comparing;
  const started = performance.now();
  const startedAt = new Date().toISOString();
  const counters = options.guardsOnly ? null : await findCounters();
  const { arms: asked, unsafe } = options;
  const security = await checkBuilds(base, head, {
    environment,
    arms: asked,
    known: comparing.known,
    signal,
    onProgress: (arm) => progress.update('compare', `${arm}: security checks`, undefined, options.budgetSeconds),
  });
  const isRefused = !unsafe && securityFaults(security).length > 0;
  const arms = isRefused
    ? []
    : await compareBuilds({
        environment,
        ...options,
        perf: counters?.perf ?? null,
        base,
        head,
        signal,
        onProgress: (step, live, left) => progress.update('compare', step, live, left),
        onArm: noteRegressions(comparing),
      });
  progress.clear();
  return {
    ...headerOf(comparing),
    startedAt,
    seconds: (performance.now() - started) / 1000,
    interrupted: signal.aborted,
    security,
    arms,
    regressions: regressionsOf(arms),
    thresholds: isRefused ? [] : judgeThresholds(config.thresholds, figuresOf(arms)),
    notes: [
      ...notesOf(arms, base, head, options.guardsOnly ? [] : options.metrics),
      ...(counters === null ? [] : [counters.says]),
    ],
  };
}

/** Reports each regression once, as soon as it is known. */
export function noteRegressions({ progress }: Comparing, what = ''): (arm: ArmComparison) => void {
  const noted = new Set<string>();
  return (arm) =>
    progress.interrupt(() => {
      for (const { text } of regressionsOf([arm])) {
        const line = `${what}${arm.arm}: ${text}`;
        if (!noted.has(line)) printNote(line);
        noted.add(line);
      }
    });
}

/** Notes for the reader about the measurement. */
export function notesOf(
  arms: readonly ArmComparison[],
  base: Build,
  head: Build,
  metrics: readonly CostMetric[],
): string[] {
  const costs = arms.flatMap((arm) => arm.costs);
  const notes: string[] = [];
  if (base.placed !== null || head.placed !== null) {
    const changed = changedPackages(lockOf(base.directory), lockOf(head.directory));
    const words = changed.map(({ name, base: from, head: to }) => `${name} ${from ?? 'none'} → ${to ?? 'none'}`);
    notes.push(`Both run the same servers. Their packages differ in: ${words.join(', ')}.`);
  }
  for (const metric of metrics) {
    const without = arms.flatMap(({ arm }) => {
      const [before, after] = [armOf(base, arm), armOf(head, arm)];
      return before && after && !comparable(metric, before, after) ? [arm] : [];
    });
    if (without.length > 0) {
      notes.push(`${metric} was not compared for ${without.join(', ')}: base, head or both use no Redis there.`);
    }
  }
  if (costs.length > 0 && speedOf([base, head]) === 'sooner') {
    notes.push('V8 was set to optimise sooner on both sides: do not compare the times with those of npm run bench.');
  }
  if (arms.some(({ instructions }) => instructions !== null)) {
    notes.push('Instructions were counted in interpreted code: they show added work, not what the JIT compiles.');
  }
  notes.push(...coreNotes(costs));
  if (costs.some(({ isWarm }) => !isWarm)) {
    notes.push('Some servers were still being optimised when they were measured, so a verdict takes longer.');
  }
  return notes;
}
