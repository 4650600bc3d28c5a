import type { TopLevelSpec } from 'vega-lite';
import { endsAtOnce } from '../../../core/results/sampled.ts';
import { formatDuration, list } from '../../../core/text/format.ts';
import { lifeText } from '../../../core/text/life.ts';
import { shorten } from '../../../core/text/shorten.ts';
import type { ReportView } from '../../view/view.ts';
import { bottomAxis } from '../shapes/axes.ts';
import type { Canvas, Chart } from '../shapes/chart.ts';
import { DESCRIPTION, type Drawing, type Layer, pixels, plain, wordsOf } from '../shapes/drawing.ts';
import { rowTexts } from '../shapes/row-texts.ts';
import { CHART_CONFIG, FAINT, figureWidth, textWidth } from '../shapes/theme.ts';
import { thinTicks } from '../shapes/ticks.ts';
import { tipOf } from '../shapes/tip.ts';
import { DURATION_TICKS } from './durations.ts';
import { type ArmLag, armLags } from './figures.ts';

/** A logarithmic axis has no zero: shorter lags are drawn at its start. */
const FLOOR_MS = 1;
const LONGEST_LABEL = 24;

/** Refused at once: nothing sent after the revocation was accepted. */
const isAtOnce = ({ max }: ArmLag) => endsAtOnce(max);

function lagText({ max, critical }: ArmLag): string {
  if (endsAtOnce(max)) return 'at once';
  return critical !== null && endsAtOnce(critical) ? `${lifeText(max)}; critical at once` : lifeText(max);
}

function sentence(view: ReportView): string {
  const all = armLags(view);
  if (all.length === 0) return 'No revocation was measured.';
  const atOnce = all.filter(isAtOnce);
  const later = all.filter((lag) => !isAtOnce(lag));
  const checked = later.filter(({ critical }) => critical !== null && endsAtOnce(critical)).map(({ arm }) => arm);
  const parts = [
    atOnce.length === 0
      ? null
      : `${list(atOnce.map(({ arm }) => arm))} refused a revoked credential at once (0 ms): no request sent after the response to the revocation was accepted`,
    later.length === 0
      ? null
      : `the longest time still accepted: ${list(later.map((lag) => `${lag.arm} (${formatDuration(lag.max.value)})`))}`,
    checked.length === 0 ? null : `${list(checked)} refused critical operations at once`,
  ].filter((part) => part !== null);
  const [first = '', ...rest] = parts;
  return `${[first, ...rest].join('; ')}.`;
}

interface Layout {
  readonly left: number;
  readonly right: number;
  readonly rowHeight: number;
  readonly tollWidth: number;
  readonly gap: number;
  readonly lagWidth: number;
}

function layOut(lags: readonly ArmLag[], canvas: Canvas, hasToll: boolean): Layout {
  const narrow = canvas.name === 'narrow';
  const left = narrow ? 8 : Math.max(...lags.map(({ arm }) => textWidth(shorten(arm, LONGEST_LABEL)))) + 16;
  const right = narrow ? 16 : Math.max(...lags.map((lag) => figureWidth(lagText(lag)))) + 20;
  const gap = hasToll ? (narrow ? 22 : 40) : 0;
  const room = canvas.width - left - right - gap;
  const tollWidth = hasToll ? Math.floor(room * 0.36) : 0;
  return { left, right, gap, tollWidth, lagWidth: room - tollWidth, rowHeight: narrow ? 42 : 28 };
}

function draw(view: ReportView, canvas: Canvas): Drawing | null {
  const lags = armLags(view);
  if (lags.length === 0) return null;
  const narrow = canvas.name === 'narrow';
  const hasToll = lags.some(({ toll }) => toll !== null);
  const { left, rowHeight, tollWidth, gap, lagWidth } = layOut(lags, canvas, hasToll);
  const height = lags.length * rowHeight;
  const width = tollWidth + gap + lagWidth;
  const lagLeft = tollWidth + gap;
  const most = Math.max(10, ...lags.map(({ max }) => max.high)) * 1.5;
  const lagPx = (ms: number) =>
    lagLeft + (Math.log(Math.max(FLOOR_MS, ms) / FLOOR_MS) / Math.log(most / FLOOR_MS)) * lagWidth;
  const middle = narrow ? 29 : rowHeight / 2;
  const textY = narrow ? 11 : middle;
  const lagTicks = thinTicks(
    DURATION_TICKS.filter(({ at }) => at <= most).map(({ at, label }) => ({
      at,
      px: lagPx(at),
      label: at === FLOOR_MS && !narrow ? `≤ ${label}` : label,
    })),
  );
  const shown = (ms: number) => Math.max(FLOOR_MS, ms);
  const rows = lags.map((lag, slot) => ({ ...lag, slot, y: slot * rowHeight + middle }));
  const ends = rows.map(({ arm, colour, median, max, slot, y }) => ({
    colour,
    y,
    from: shown(median?.value ?? max.value),
    to: shown(max.value),
    high: shown(max.high),
    words: wordsOf({ slot, arm, tip: tipOf(`${arm}, longest lag`, max) }),
  }));
  const criticals = rows.flatMap(({ arm, colour, critical, max, slot, y }) =>
    critical === null || critical.value === max.value
      ? []
      : [
          {
            colour,
            y,
            from: shown(critical.value),
            words: wordsOf({ slot, arm, tip: tipOf(`${arm}, critical operations`, critical) }),
          },
        ],
  );
  const lagAxis = inRange(
    bottomAxis({
      scale: 'log',
      domain: [FLOOR_MS, most],
      title: 'lag after revocation',
      grid: !narrow,
      ticks: lagTicks,
    }),
    lagLeft,
    width,
  );
  const own = { y: pixels('y'), color: plain('colour'), description: DESCRIPTION };
  const from = { field: 'from', ...lagAxis };
  const lagLayers = [
    {
      data: { values: ends },
      mark: { type: 'rule', strokeDash: [2, 2], strokeWidth: 1.2, color: FAINT },
      encoding: { y: own.y, x: { field: 'to', ...lagAxis }, x2: { field: 'high' }, description: DESCRIPTION },
    },
    {
      data: { values: ends },
      mark: { type: 'rule', strokeWidth: 4 },
      encoding: { ...own, x: from, x2: { field: 'to' } },
    },
    {
      data: { values: ends },
      mark: { type: 'point', filled: true, size: 53, opacity: 1 },
      encoding: { ...own, x: from },
    },
    ...(criticals.length === 0
      ? []
      : [
          {
            data: { values: criticals },
            mark: { type: 'point', shape: 'diamond', filled: false, size: 60, strokeWidth: 1.6, opacity: 1 },
            encoding: { ...own, x: from },
          },
        ]),
  ];
  const texts = rowTexts(
    lags.map((lag, i) => ({
      label: shorten(lag.arm, LONGEST_LABEL),
      text: lagText(lag),
      arm: lag.arm,
      y: i * rowHeight + textY,
    })),
    { narrow, width },
  );
  const layer = [...(hasToll ? [{ layer: tollLayers(rows, tollWidth, narrow) }] : []), { layer: lagLayers }, ...texts];
  return {
    width: canvas.width,
    height: height + 46,
    left,
    top: 6,
    rowHeight,
    spec: {
      width,
      height,
      config: CHART_CONFIG,
      layer,
      resolve: { scale: { x: 'independent' } },
    } as TopLevelSpec,
  };
}

/** Two scales share the width of the chart, each with its own part and labels. */
function inRange({ scale, axis, type }: ReturnType<typeof bottomAxis>, left: number, right: number) {
  return {
    type,
    scale: { ...scale, range: [left, right] },
    axis: { ...axis, orient: 'bottom' as const, titleX: left },
  };
}

function tollLayers(
  lags: readonly (ArmLag & { readonly slot: number; readonly y: number })[],
  tollWidth: number,
  narrow: boolean,
): Layer[] {
  const most = Math.max(1, ...lags.map(({ toll }) => toll?.high ?? 0)) * 1.05;
  const values = lags.flatMap(({ arm, colour, toll, slot, y }) =>
    toll === null
      ? []
      : [
          {
            colour,
            y,
            zero: 0,
            low: Math.max(0, toll.low),
            value: Math.max(0, toll.value),
            high: Math.max(0, toll.high),
            words: wordsOf({ slot, arm, tip: tipOf(`${arm}, toll in the replica`, toll) }),
          },
        ],
  );
  const axis = bottomAxis({
    scale: 'linear',
    domain: [0, most],
    title: narrow ? 'CPU toll, µs' : 'CPU toll, µs per request',
    grid: !narrow,
    ticks: tollTicks(most).map((at) => ({ at, label: `${at}` })),
  });
  const x = inRange(axis, 0, tollWidth);
  const own = { y: pixels('y'), color: plain('colour'), description: DESCRIPTION };
  const data = { values };
  return [
    {
      data,
      mark: { type: 'rule', strokeWidth: narrow ? 9 : 11, opacity: 0.28 },
      encoding: { ...own, x: { field: 'zero', ...x }, x2: { field: 'value' } },
    },
    {
      data,
      mark: { type: 'rule', strokeWidth: 2.5 },
      encoding: { ...own, x: { field: 'low', ...x }, x2: { field: 'high' } },
    },
    {
      data,
      mark: { type: 'point', filled: true, size: 41, opacity: 1 },
      encoding: { ...own, x: { field: 'value', ...x } },
    },
  ] as Layer[];
}

/** Zero, and one or two round numbers. */
function tollTicks(most: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000].find((size) => most / size <= 3.5) ?? most;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

/** The cost of revocability against how soon a revocation takes effect. */
export const revocationChart: Chart = {
  id: 'revocation',
  title: 'Revocation lag and its cost',
  experiment: 'revocation',
  note: `How long a credential was still accepted after the response to its revocation, for the slowest of logout, logout everywhere and disabling the user, on the slowest replica. Dot: median. End of the bar: longest. Dashed: until the first refusal. Diamond: critical operations, where they differ. Lifetimes of minutes and hours are measured with short-lived credentials and scaled.`,
  figures: (view) =>
    armLags(view).flatMap(({ median, max, critical, toll }) =>
      [median, max, critical, toll].filter((one) => one !== null),
    ),
  sentence,
  draw,
};
