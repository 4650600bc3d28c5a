/** A brief summary of a run with several experiments: load, revocation, and limits. */

import { endsAtOnce } from '../../../core/results/sampled.ts';
import { letterMarks } from '../../../core/text/flags.ts';
import { formatInUnit } from '../../../core/text/format.ts';
import { hang } from '../../../core/text/layout.ts';
import { lifeText } from '../../../core/text/life.ts';
import { isBroken, type ThresholdResult } from '../../../core/thresholds/judge.ts';
import { armLags } from '../../charts/revocation/figures.ts';
import { type ArmFigure, factorNumber, figuresOf, hasArm } from '../../view/figures.ts';
import { perCore, replicaShare } from '../../view/per-core.ts';
import { isPlain, scaleFigures } from '../../view/scale-figures.ts';
import type { ReportView } from '../../view/view.ts';
import { inMilliseconds } from './latency.ts';
import { withRoom } from './room.ts';
import { figureColumn, fitted, indented, type Output, textColumn } from './text.ts';

/**
 * Percentiles at the lowest load, and throughput with the most replicas: one line per arm, the cheapest first. @param
 * most rows
 */
export function underLoad(view: ReportView, output: Output, most: number): string[] {
  const latencies = figuresOf(view.run, 'latency', 'latency_us')
    .filter(hasArm)
    .filter(({ factors }) => factors.timing === 'corrected');
  const load = Math.min(...latencies.map((figure) => factorNumber(figure, 'load_pct') ?? Number.POSITIVE_INFINITY));
  const throughputs = scaleFigures(view.run, 'throughput_rps').filter(isPlain);
  const replicas = Math.max(0, ...throughputs.map((figure) => factorNumber(figure, 'replicas') ?? 0));
  const at = (quantile: string) =>
    latencies.filter(({ factors }) => factors.load_pct === load && factors.quantile === quantile).map(inMilliseconds);
  const rates = throughputs
    .filter(({ factors }) => factors.replicas === replicas)
    .map((figure) => perCore(view.run, figure));
  const rate = replicaShare(view.run) === null ? 'Requests/s' : 'Requests/s per core';
  const columns = [
    { head: 'p99', figures: at('p99') },
    { head: 'p50', figures: at('p50') },
    { head: rate, figures: rates },
    { head: 'p99.9', figures: at('p99.9') },
  ];
  const measured = new Set(columns.flatMap(({ figures }) => figures.map(({ arm }) => arm)));
  const { kept: arms, rest } = withRoom(inOrderOfCost(view, measured), (name) => name, view, most);
  if (arms.length === 0) return [];
  const byWorth = columns.map(({ head, figures }) =>
    figureColumn(
      head,
      arms.map((arm) => figures.find((figure) => figure.arm === arm) ?? null),
      view.flags,
      'title',
    ),
  );
  const order = ['p50', 'p99', 'p99.9', rate];
  const parts = [
    ...(Number.isFinite(load) ? [`latency in ms at ${load} % load`] : []),
    ...(replicas > 0 ? [`${replicas} replicas`] : []),
  ];
  const title = `Under load: ${parts.join('; ')}`;
  const lines = fitted(title, textColumn('Arm', arms), byWorth, output, ({ head }) => order.indexOf(head));
  return [...lines, ...rest.map((more) => indented(`${more} in the report`))];
}

/** Arms in the order of the table of costs; those without a cost come last. */
function inOrderOfCost({ arms, decisions }: ReportView, wanted: ReadonlySet<string>): string[] {
  const places = decisions.map(({ arm }) => arm.name);
  const place = (name: string) => (places.includes(name) ? places.indexOf(name) : places.length);
  return arms
    .map(({ name }) => name)
    .filter((name) => wanted.has(name))
    .toSorted((a, b) => place(a) - place(b));
}

/** The least number of arms named in a group. */
const FEWEST_NAMES = 3;

/** Lags within this factor are grouped: a credential that only expires lives for a random part of its lifetime. */
const ALIKE = 2;

/**
 * Which arms refuse a revoked credential at once, and how long it stays valid for the others. @param most rows of the
 * tables, followed by a row of names
 */
export function revoked(view: ReportView, output: Output, most: number): string[] {
  const groups: ArmFigure[][] = [];
  for (const { max } of armLags(view).toReversed()) {
    const [longest] = groups.at(-1) ?? [];
    const isAlike =
      longest !== undefined &&
      endsAtOnce(longest) === endsAtOnce(max) &&
      (endsAtOnce(max) || max.value * ALIKE >= longest.value);
    if (isAlike) groups.at(-1)?.push(max);
    else groups.push([max]);
  }
  if (groups.length === 0) return [];
  const rows = groups.toReversed().map((figures) => {
    const [longest] = figures;
    const lasts = longest === undefined || endsAtOnce(longest) ? 'at once' : lifeText(longest);
    const marks = letterMarks(figures, view.flags);
    const all = figures.map(({ arm }) => arm).toReversed();
    const { kept, rest } = withRoom(all, (name) => name, view, Math.max(FEWEST_NAMES, most - 2));
    const names = [...kept, ...rest].join(', ');
    return { lasts, names: marks === '' ? names : `${names} ${marks}` };
  });
  const width = Math.max(...rows.map(({ lasts }) => lasts.length));
  const lines = rows.flatMap(({ lasts, names }) => hang(`${lasts.padEnd(width)}  `, names, output.width - 2));
  const title = 'How long a revoked credential stays valid, for reads';
  return [output.paint('bold', title), ...lines.map(indented)];
}

const SIGNS = { kept: '✓', broken: '✗', 'cannot-tell': '?', 'not-measured': '–' } as const;

/** Each limit by name: met limits in one line per expression, all others with their figures. */
export function limitLines(results: readonly ThresholdResult[], output: Output): string[] {
  if (results.length === 0) return [];
  const kept = Map.groupBy(
    results.filter(({ outcome }) => outcome === 'kept'),
    ({ threshold }) => threshold.expression.text,
  );
  const keptLines = [...kept].flatMap(([text, all]) => {
    const arms = [...new Set(all.map(({ figure }) => figure?.arm ?? 'any arm'))].join(', ');
    return hang(`${SIGNS.kept} `, `${text} (${arms})`, output.width - 2).map((line) => output.paint('green', line));
  });
  const others = results.filter(({ outcome }) => outcome !== 'kept');
  const unmeasured = Map.groupBy(
    others.filter(({ figure }) => figure === null),
    ({ threshold }) => threshold.expression.text,
  );
  const otherLines = others.flatMap((result) => {
    const { outcome, figure, threshold } = result;
    if (figure === null) return [];
    const style = isBroken(result) ? 'red' : 'yellow';
    const text = `${figure.arm ?? 'no arm'}: ${threshold.expression.text}: ${formatInUnit(figure)}${outcome === 'cannot-tell' ? ', inconclusive' : ''}`;
    return hang(`${SIGNS[outcome]} `, text, output.width - 2).map((line) => output.paint(style, line));
  });
  const unmeasuredLines = [...unmeasured].flatMap(([text, all]) => {
    const arms = all.map(({ threshold }) => threshold.arm ?? 'any arm');
    const whose = arms.length === 1 ? arms.join('') : `${arms.length} arms`;
    const style = all.some(isBroken) ? 'red' : 'dim';
    return hang(`${SIGNS['not-measured']} `, `${text} (${whose}): not measured`, output.width - 2).map((line) =>
      output.paint(style, line),
    );
  });
  return [output.paint('bold', 'Limits'), ...[...keptLines, ...unmeasuredLines, ...otherLines].map(indented)];
}
