/**
 * All arms as lines in one panel, each named at its end: for comparing values, where small multiples compare shapes.
 */
import type { TopLevelSpec } from 'vega-lite';
import { shorten } from '../../../core/text/shorten.ts';
import { type AxisOptions, bottomAxis, labelRoom, leftAxis } from './axes.ts';
import type { Canvas, Scale } from './chart.ts';
import { DESCRIPTION, type Drawing, type Layer, pixels, plain, wordsOf } from './drawing.ts';
import { ofKind } from './panel-grid.ts';
import {
  amountDomain,
  intervalRows,
  lineRows,
  pointRows,
  type Series,
  type SeriesPoint,
  seriesLayers,
  xDomain,
} from './panels.ts';
import { CHART_CONFIG, FAINT, FONT_SIZE, INK, textWidth } from './theme.ts';
import { thinTicks } from './ticks.ts';

/** A point of interest on a line: a ring with its name, and its interval along the line's axis. */
export interface PlaceOnLine {
  readonly x: number;
  readonly low: number;
  readonly high: number;
  /** The value of the line there. */
  readonly value: number;
  readonly text: string;
  readonly tip: string;
}

export interface ArmLinesOptions {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly scale: Scale;
  /** A dashed line for each series: its ideal. */
  readonly ideal?: (series: Series) => readonly { readonly x: number; readonly value: number }[];
  /** A dashed continuation of each series, with an interval at its end. */
  readonly beyond?: (series: Series) => readonly SeriesPoint[];
  /** Points of interest on each series. */
  readonly places?: (series: Series) => readonly PlaceOnLine[];
}

const LINE = FONT_SIZE + 3;

/** Moves overlapping names apart, in the order of their lines' ends. @returns y of each, in the given order */
export function spread(ends: readonly number[], from: number, to: number): number[] {
  const order = ends.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  const placed: number[] = [];
  for (const { y } of order) placed.push(Math.max(y, (placed.at(-1) ?? from - LINE) + LINE));
  // Labels that were pushed below the end move up again, and push their neighbours.
  for (let i = placed.length - 1, most = to; i >= 0; i--, most -= LINE) placed[i] = Math.min(placed[i] ?? most, most);
  const result = ends.map(() => 0);
  for (const [i, { index }] of order.entries()) result[index] = placed[i] ?? 0;
  return result;
}

/** The position of a value in an area of this height, px from its top. */
export function heightOf(amount: number, [low, high]: readonly [number, number], scale: Scale, height: number): number {
  const share = scale === 'log' ? Math.log(amount / low) / Math.log(high / low) : (amount - low) / (high - low);
  return height * (1 - share);
}

function placeRows(places: readonly PlaceOnLine[], { arm, colour }: Series, [least, most]: readonly [number, number]) {
  return places.map(({ x, low, high, value, text, tip }) => ({
    ...{ kind: 'place', x, value, text, colour, low: Math.max(least, low), high: Math.min(most, high) },
    words: wordsOf({ arm, tip }),
  }));
}

/** Of the rows above; the text is to the left of the ring, where rising lines leave room. */
function placeLayers(x: object, y: object): Layer[] {
  const at = { x: { field: 'x', ...x }, y: { field: 'value', ...y } };
  const look = { color: plain('colour'), description: DESCRIPTION };
  return [
    {
      transform: ofKind('place'),
      mark: { type: 'rule', strokeWidth: 1.6 },
      encoding: { ...at, x: { field: 'low', ...x }, x2: { field: 'high' }, ...look },
    },
    {
      transform: ofKind('place'),
      mark: { type: 'point', filled: false, size: 102, strokeWidth: 1.6, opacity: 1 },
      encoding: { ...at, ...look },
    },
    {
      transform: ofKind('place'),
      mark: { type: 'text', align: 'right', baseline: 'middle', dx: -8, dy: -12, color: INK },
      encoding: { ...at, text: { field: 'text', type: 'nominal' }, description: DESCRIPTION },
    },
  ] as Layer[];
}

export function drawArmLines(all: readonly Series[], canvas: Canvas, options: ArmLinesOptions): Drawing {
  const narrow = canvas.name === 'narrow';
  const names = all.map(({ name }) => shorten(name, narrow ? 18 : 30));
  const height = Math.max(narrow ? 220 : 300, (all.length + 1) * LINE);
  const { scale } = options;
  const beyond = all.map((series) => options.beyond?.(series) ?? []);
  const extended = all.map((series, i) => ({ ...series, points: [...series.points, ...(beyond[i] ?? [])] }));
  const domain = amountDomain(extended, scale);
  const amounts: AxisOptions = { scale, domain, title: options.yTitle, count: 5 };
  const left = labelRoom(amounts);
  const right = Math.max(...names.map((name) => textWidth(name))) + 20;
  const width = canvas.width - left - right;
  const xs = [...new Set(extended.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b);
  const span = xDomain(xs);
  const px = (at: number) => 8 + ((width - 16) * (at - span[0])) / (span[1] - span[0]);
  const ticks = thinTicks(xs.map((at) => ({ at, px: px(at), label: `${at}` })));
  const ends = extended.map(({ points }) =>
    heightOf(Math.max(domain[0], points.at(-1)?.value ?? 0), domain, scale, height),
  );
  const places = spread(ends, 6, height - 6);
  const rows = all.flatMap((series, i) => {
    const { arm, colour } = series;
    const ideal = (options.ideal?.(series) ?? []).filter(({ value }) => value <= domain[1]);
    return [
      ...lineRows(ideal, `ideal ${i}`, { colour: FAINT, thick: 1, dashed: true, arm }),
      ...lineRows(
        series.points.map(({ x, value }) => ({ x, value: Math.max(domain[0], value) })),
        `own ${i}`,
        { colour, thick: 2.2, arm },
      ),
      ...lineRows(
        [...series.points.slice(-1), ...(beyond[i] ?? [])].map(({ x, value }) => ({
          x,
          value: Math.max(domain[0], value),
        })),
        `beyond ${i}`,
        { colour, thick: 1.4, dashed: true, arm },
      ),
      ...pointRows(series, domain[0], arm),
      ...intervalRows((beyond[i] ?? []).slice(-1), colour, domain[0], arm),
      ...placeRows(options.places?.(series) ?? [], series, span),
    ];
  });
  const labels = extended.map(({ arm, colour, points }, i) => ({
    from: px(points.at(-1)?.x ?? 0),
    to: width + 6,
    end: ends[i],
    place: places[i],
    colour,
    name: names[i],
    words: wordsOf({ arm }),
  }));
  const x = bottomAxis({ scale: 'linear', domain: span, padding: 8, title: options.xTitle, ticks });
  const y = leftAxis(amounts);
  return {
    width: canvas.width,
    height: height + 58,
    left,
    top: 22,
    spec: {
      width,
      height,
      config: CHART_CONFIG,
      layer: [
        { data: { values: rows }, layer: [...seriesLayers(x, y), ...(options.places ? placeLayers(x, y) : [])] },
        {
          data: { values: labels },
          mark: { type: 'rule', opacity: 0.5 },
          encoding: {
            x: pixels('from'),
            x2: { field: 'to' },
            y: pixels('end'),
            y2: { field: 'place' },
            color: { field: 'colour', type: 'nominal', scale: null },
            description: DESCRIPTION,
          },
        },
        {
          data: { values: labels },
          mark: { type: 'text', align: 'left', baseline: 'middle', color: INK },
          encoding: {
            x: { value: width + 9 },
            y: pixels('place'),
            text: { field: 'name', type: 'nominal' },
            description: DESCRIPTION,
          },
        },
      ],
      resolve: { scale: { x: 'shared', y: 'shared' } },
    } as TopLevelSpec,
  };
}
