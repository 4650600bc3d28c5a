/** The cause of a confirmed regression: changes in the profile, in the counts, and in what the builds run on. Pure. */
import { formatFixed } from '../../core/text/format.ts';
import type { ArmComparison } from '../compare/compare.ts';
import { round } from '../compare/regressions.ts';
import type { GuardChange } from '../guards/counts.ts';
import { changedPackages, type PackageChange } from './packages.ts';
import {
  FEWEST_STARTS,
  type FlameNode,
  flameOf,
  type ProfiledStart,
  type Shift,
  type Shifts,
  shiftsOf,
} from './shifts.ts';

export interface ArmExplanation {
  readonly arm: string;
  /** Null without profiles, or with too few starts. */
  readonly shifts: Shifts | null;
  readonly flame: FlameNode | null;
  /** Why this arm has no profile; null if it has one, or if no arm can have one. */
  readonly unprofiled: string | null;
  /** The counts that differ. */
  readonly guards: readonly GuardChange[];
}

export interface Explanation {
  readonly arms: readonly ArmExplanation[];
  readonly packages: readonly PackageChange[];
  readonly runtime: readonly RuntimeChange[];
  /** Why there is no profile; null if there is one. */
  readonly unprofiled: string | null;
}

export interface RuntimeChange {
  readonly name: 'Node.js' | 'V8';
  readonly base: string;
  readonly head: string;
}

/** The parts of a build that its explanation needs. */
export interface ExplainedBuild {
  readonly label: string;
  readonly node: string;
  readonly v8: string;
  readonly canProfile: boolean;
  readonly lock: string | null;
}

/** @param arms confirmed to be slower, from the second measurement */
export function explainChange(
  base: ExplainedBuild,
  head: ExplainedBuild,
  arms: readonly ArmComparison[],
  starts: ReadonlyMap<string, readonly ProfiledStart[]>,
): Explanation {
  const runtime: RuntimeChange[] = [
    { name: 'Node.js', base: base.node, head: head.node },
    { name: 'V8', base: base.v8, head: head.v8 },
  ];
  const blind = [base, head].find(({ canProfile }) => !canProfile);
  return {
    arms: arms.map(({ arm, guards }) => {
      const own = starts.get(arm) ?? [];
      const shifts = shiftsOf(own);
      return {
        arm,
        shifts,
        flame: shifts === null ? null : flameOf(own, arm),
        unprofiled: shifts === null && blind === undefined ? whyUnprofiled(own.length) : null,
        guards: guards.filter(({ verdict }) => verdict === 'more' || verdict === 'fewer'),
      };
    }),
    packages: changedPackages(base.lock, head.lock),
    runtime: runtime.filter((one) => one.base !== one.head),
    unprofiled: blind === undefined ? null : `${blind.label} is too old to take a CPU profile`,
  };
}

function whyUnprofiled(starts: number): string {
  return starts === 0
    ? 'only what can be counted was measured again'
    : `${starts} fresh starts were profiled, and it takes ${FEWEST_STARTS}`;
}

const MOST_FUNCTIONS = 10;

/** Lines for the user, not escaped. */
export function explanationLines({ arms, packages, runtime, unprofiled }: Explanation): string[] {
  const changed = packages.map(({ name, base, head }) => `${name} ${base ?? 'none'} → ${head ?? 'none'}`);
  return [
    ...arms.flatMap(armLines),
    ...(unprofiled === null ? [] : [`There is no profile: ${unprofiled}.`]),
    changed.length === 0 ? 'Packages: the lock files are identical.' : `Packages that changed: ${changed.join(', ')}.`,
    ...runtime.map(({ name, base, head }) => `${name}: ${base} → ${head}.`),
  ];
}

function armLines({ arm, shifts, guards, unprofiled }: ArmExplanation): string[] {
  const counted = guards.map(({ metric, base, head }) => `${metric} ${round(base)} → ${round(head)}`);
  return [
    ...(shifts === null ? [] : shiftLines(arm, shifts)),
    ...(unprofiled === null ? [] : [`${arm}: there is no profile: ${unprofiled}.`]),
    ...(counted.length === 0 ? [] : [`${arm}: counts that changed: ${counted.join(', ')}.`]),
  ];
}

function shiftLines(arm: string, { starts, packages, functions, compared }: Shifts): string[] {
  const how = `CPU profiles of ${starts} starts of each build; 95 % intervals that hold for all ${compared.packages} packages, and for all ${compared.functions} functions, together`;
  if (packages.length + functions.length === 0) {
    return [`${arm}: no package or function differs by more than noise (${how}).`];
  }
  const shown = functions.slice(0, MOST_FUNCTIONS);
  const more = functions.length - shown.length;
  return [
    `${arm}: where a request spends more or less (${how}):`,
    ...packages.map((shift) => `  ${shift.package}: ${differenceWords(shift)}`),
    ...shown.map((shift) => `  ${functionName(shift)}: ${differenceWords(shift)}`),
    ...(more > 0 ? [`  and ${more} more functions`] : []),
  ];
}

/** `authenticate, servers/schemes/lean.ts:42`. */
export function functionName({ name, file, line, package: bucket }: Shift): string {
  if (file === null || file === '') return name ?? bucket;
  return `${name}, ${file}${line === null ? '' : `:${line}`}`;
}

function differenceWords({ difference, baseUs, headUs }: Shift): string {
  const us = (value: number) => `${value < 0 ? '' : '+'}${formatFixed(value, 2)}`;
  const { value, low, high } = difference;
  return `${us(value)} µs [${us(low)} to ${us(high)}], from ${formatFixed(baseUs, 2)} to ${formatFixed(headUs, 2)} µs`;
}
