import { plainMark } from '../../core/text/flags.ts';
import { formatEstimate, formatSum } from '../../core/text/format.ts';
import { type ArmFigure, figuresOf, hasArm, packageOf } from '../view/figures.ts';
import { PART_COLOURS } from '../view/palette.ts';
import type { ReportView } from '../view/view.ts';
import type { Chart } from './shapes/chart.ts';
import { drawStacked } from './shapes/stacked.ts';
import { FAINT } from './shapes/theme.ts';
import { tipOf } from './shapes/tip.ts';

function costsOf(view: ReportView): ArmFigure[] {
  return figuresOf(view.run, 'hot-path', 'profile_us').filter(hasArm);
}

function tollsOf(view: ReportView): ArmFigure[] {
  return figuresOf(view.run, 'hot-path', 'profile_toll_us').filter(hasArm);
}

const sumOf = (figures: readonly ArmFigure[]) => figures.reduce((sum, { value }) => sum + value, 0);

/** Every arm with its packages, the cheapest first. */
function rowsOf(view: ReportView): (readonly [arm: string, packages: readonly ArmFigure[]])[] {
  return [...Map.groupBy(costsOf(view), ({ arm }) => arm)].sort(([, a], [, b]) => sumOf(a) - sumOf(b));
}

/**
 * Packages by their highest cost in any arm, because packages in which arms differ are large in some and small in
 * others.
 */
function largestFirst(costs: readonly ArmFigure[]): string[] {
  const most = [...Map.groupBy(costs, packageOf)].map(
    ([name, figures]) => [name, Math.max(...figures.map(({ value }) => value))] as const,
  );
  return most.sort(([, a], [, b]) => b - a).map(([name]) => name);
}

/** The CPU time of a request by package, for each arm. */
export const profile: Chart = {
  id: 'profile',
  title: 'CPU time by package',
  experiment: 'hot-path',
  note: 'From CPU profiles of the replicas, and of an edge in front of one. Native work, such as a hash or a socket write, is attributed to the package that called it.',
  figures: (view) => [...costsOf(view), ...tollsOf(view)],
  sentence(view) {
    const largest = tollsOf(view).toSorted((a, b) => b.value - a.value)[0];
    if (largest !== undefined) {
      return `The largest cost on top of the baseline is ${packageOf(largest)} in ${largest.arm}: an estimated ${formatEstimate(largest)} of CPU time per request.`;
    }
    const first = costsOf(view).toSorted((a, b) => b.value - a.value)[0];
    if (first === undefined) return 'No CPU profile was taken.';
    return `The most expensive package is ${packageOf(first)} in ${first.arm}: an estimated ${formatEstimate(first)} of CPU time per request.`;
  },
  draw(view, canvas) {
    const rows = rowsOf(view);
    if (rows.length === 0) return null;
    const names = largestFirst(costsOf(view));
    // A single remaining package is shown by name.
    const shown = names.slice(0, names.length <= PART_COLOURS.length ? names.length : PART_COLOURS.length - 1);
    const rest = names.slice(shown.length);
    const parts = [
      ...shown.map((name, index) => ({ name, colour: PART_COLOURS[index] ?? FAINT })),
      ...(rest.length === 0 ? [] : [{ name: `${rest.length} smaller packages`, colour: FAINT }]),
    ];
    return drawStacked(
      rows.map(([arm, packages]) => {
        const amount = (some: readonly string[]) => sumOf(packages.filter((one) => some.includes(packageOf(one))));
        return {
          label: arm,
          text: `${formatSum(sumOf(packages), packages, 'µs')}${plainMark(...packages)}`,
          amounts: [...shown.map((name) => amount([name])), ...(rest.length === 0 ? [] : [amount(rest)])],
          tips: [
            ...shown.map((name) => tipOf(`${arm}, ${name}`, ...packages.filter((one) => packageOf(one) === name))),
            ...(rest.length === 0 ? [] : [`${arm}, ${rest.length} smaller packages`]),
          ],
        };
      }),
      parts,
      canvas,
      'CPU of the replica, its edge included, µs per request',
    );
  },
};
