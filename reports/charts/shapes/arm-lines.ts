/** All arms as lines in one panel, each named at its end: for comparing amounts, where small multiples compare shapes. */
import { html, type SafeHtml } from '../../html.ts';
import type { Canvas, Scale } from './chart.ts';
import { labelRoom } from './panel-grid.ts';
import { amountDomain, type Series, seriesMarks, xDomain } from './panels.ts';
import { axis } from './scales.ts';
import { bottomAxis, type Drawing, dashed, group, leftAxis, leftLabels, line, move, ofArm, rule, text } from './svg.ts';
import { FONT_SIZE, INK, shorten, textWidth } from './theme.ts';

export interface ArmLinesOptions {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly scale: Scale;
  /** A dashed line for each series: what it would be at its best. */
  readonly ideal?: (series: Series) => readonly { readonly x: number; readonly value: number }[];
}

const LINE = FONT_SIZE + 3;

/** Names that would touch are moved apart, in the order of their lines' ends. @returns y of each, as given */
export function spread(ends: readonly number[], from: number, to: number): number[] {
  const order = ends.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  const placed: number[] = [];
  for (const { y } of order) placed.push(Math.max(y, (placed.at(-1) ?? from - LINE) + LINE));
  // What was pushed below the end is moved up again, and takes its neighbours along.
  for (let i = placed.length - 1, most = to; i >= 0; i--, most -= LINE) placed[i] = Math.min(placed[i] ?? most, most);
  const result = ends.map(() => 0);
  for (const [i, { index }] of order.entries()) result[index] = placed[i] ?? 0;
  return result;
}

export function drawArmLines(all: readonly Series[], canvas: Canvas, options: ArmLinesOptions): Drawing {
  const narrow = canvas.name === 'narrow';
  const names = all.map(({ name }) => shorten(name, narrow ? 18 : 30));
  const height = Math.max(narrow ? 220 : 300, (all.length + 1) * LINE);
  const domain = amountDomain(all, options.scale);
  const yAxis = axis({ scale: options.scale, domain, range: [height, 0], count: 5 });
  const y = (amount: number) => yAxis.at(Math.max(amount, domain[0]));
  const left = labelRoom(yAxis, options.yTitle);
  const right = Math.max(...names.map((name) => textWidth(name))) + 20;
  const width = canvas.width - left - right;
  const xs = [...new Set(all.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b);
  const xAxis = axis({ scale: 'linear', domain: xDomain(xs), range: [8, width - 8], count: 4 });
  const ends = spread(
    all.map(({ points }) => y(points.at(-1)?.value ?? 0)),
    6,
    height - 6,
  );
  const lines = all.map((series, index): SafeHtml => {
    const last = series.points.at(-1);
    const end = ends[index] ?? 0;
    const ideal = options.ideal?.(series) ?? [];
    return ofArm(
      series.arm,
      {},
      dashed(
        line(
          ideal.filter(({ value }) => value <= domain[1]).map((point) => ({ x: xAxis.at(point.x), y: y(point.value) })),
        ),
      ),
      group({ stroke: series.colour, opacity: 0.5 }, rule(xAxis.at(last?.x ?? 0), y(last?.value ?? 0), width + 6, end)),
      seriesMarks(series, xAxis.at, y),
      group({ fill: INK }, text(width + 9, end, names[index] ?? '')),
    );
  });
  const xTicks = xs.map((at) => ({ px: xAxis.at(at), label: `${at}` }));
  const body = html`${group(
    { transform: move(left, 22) },
    leftAxis(yAxis.ticks, width),
    leftLabels(yAxis.ticks, options.yTitle, -13),
    bottomAxis({ ticks: xTicks, title: options.xTitle, height, grid: false }),
    lines,
  )}`;
  return { width: canvas.width, height: height + 58, body };
}
