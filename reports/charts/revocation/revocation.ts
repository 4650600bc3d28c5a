import type { TopLevelSpec } from 'vega-lite';
import { formatDuration, list } from '../../../core/text/format.ts';
import type { ReportView } from '../../view/view.ts';
import type { Canvas, Chart } from '../shapes/chart.ts';
import { DURATION_TICKS } from '../shapes/durations.ts';
import { CHART_CONFIG, FAINT, FONT_SIZE, figureWidth, GRID, INK, MUTED, shorten, textWidth } from '../shapes/theme.ts';
import { thinTicks } from '../shapes/ticks.ts';
import { type ArmLag, armLags } from './figures.ts';

/** A logarithmic axis has no zero: what ends sooner stands at its begin. */
const FLOOR_MS = 1;
const LONGEST_LABEL = 24;

/** Refused at once: nothing that was sent after the revocation was accepted. */
const isAtOnce = ({ max }: ArmLag) => max.value === 0;

function lagText({ max, critical }: ArmLag): string {
  const words = max.value === 0 ? 'at once' : `up to ${formatDuration(max.value)}`;
  return max.value > 0 && critical !== null && critical.value === 0 ? `${words}; critical at once` : words;
}

function sentence(view: ReportView): string {
  const all = armLags(view);
  if (all.length === 0) return 'No revocation was measured.';
  const atOnce = all.filter(isAtOnce);
  const later = all.filter((lag) => !isAtOnce(lag));
  const checked = later.filter(({ critical }) => critical?.value === 0).map(({ arm }) => arm);
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

function spec(view: ReportView, canvas: Canvas): TopLevelSpec | null {
  const lags = armLags(view);
  if (lags.length === 0) return null;
  const narrow = canvas.name === 'narrow';
  const hasToll = lags.some(({ toll }) => toll !== null);
  const layout = layOut(lags, canvas, hasToll);
  const { left, right, rowHeight, tollWidth, gap, lagWidth } = layout;
  const height = lags.length * rowHeight;
  const lagLeft = tollWidth + gap;
  const most = Math.max(10, ...lags.map(({ max }) => max.high)) * 1.5;
  const px = (ms: number) =>
    lagLeft + (Math.log(Math.max(FLOOR_MS, ms) / FLOOR_MS) / Math.log(most / FLOOR_MS)) * lagWidth;
  const mostToll = Math.max(1, ...lags.map(({ toll }) => toll?.high ?? 0)) * 1.05;
  const tollPx = (us: number) => (Math.max(0, us) / mostToll) * tollWidth;
  const rows = lags.map((lag, i) => {
    const y = i * rowHeight + (narrow ? 29 : rowHeight / 2);
    const { arm, colour, median, max, critical, toll } = lag;
    return {
      label: shorten(arm, LONGEST_LABEL),
      text: lagText(lag),
      colour,
      y,
      textY: narrow ? i * rowHeight + 11 : y,
      from: px(median?.value ?? max.value),
      to: px(max.value),
      end: px(max.high),
      critical: critical === null || critical.value === max.value ? null : px(critical.value),
      zero: 0,
      toll: toll === null ? null : tollPx(toll.value),
      tollLow: toll === null ? null : tollPx(toll.low),
      tollHigh: toll === null ? null : tollPx(toll.high),
    };
  });
  const ticks = [
    ...thinTicks(
      DURATION_TICKS.filter(({ at }) => at <= most).map(({ at, label }) => ({
        px: px(at),
        label: at === FLOOR_MS && !narrow ? `≤ ${label}` : label,
      })),
    ),
    ...(hasToll ? tollTicks(mostToll).map((us) => ({ px: tollPx(us), label: `${us}` })) : []),
  ];
  const titles = [
    { px: lagLeft, label: 'lag after revocation' },
    ...(hasToll ? [{ px: 0, label: narrow ? 'CPU toll, µs' : 'CPU toll, µs per request' }] : []),
  ];
  const at = (field: string) => ({ field, type: 'quantitative' as const, scale: null, axis: null });
  const colour = { field: 'colour', type: 'nominal' as const, scale: null };
  const guarded = rows.filter(({ toll }) => toll !== null);
  const withCritical = rows.filter(({ critical }) => critical !== null);
  return {
    width: tollWidth + gap + lagWidth,
    height,
    autosize: { type: 'none' },
    padding: { left, right, top: 6, bottom: 44 },
    config: CHART_CONFIG,
    data: { values: rows },
    layer: [
      ...(narrow
        ? []
        : [
            {
              data: { values: ticks },
              mark: { type: 'rule' as const, color: GRID },
              encoding: { x: at('px'), y: { value: 0 }, y2: { value: height } },
            },
          ]),
      {
        data: { values: ticks },
        mark: { type: 'text', baseline: 'top', color: MUTED, fontSize: FONT_SIZE - 1 },
        encoding: { x: at('px'), y: { value: height + 6 }, text: { field: 'label', type: 'nominal' } },
      },
      {
        data: { values: titles },
        mark: { type: 'text', baseline: 'top', align: 'left', color: MUTED, fontSize: FONT_SIZE - 1 },
        encoding: { x: at('px'), y: { value: height + 24 }, text: { field: 'label', type: 'nominal' } },
      },
      {
        data: { values: guarded },
        mark: { type: 'rule', strokeWidth: narrow ? 9 : 11, strokeCap: 'butt', opacity: 0.28 },
        encoding: { x: at('zero'), x2: { field: 'toll' }, y: at('y'), color: colour },
      },
      {
        data: { values: guarded },
        mark: { type: 'rule', strokeWidth: 2.5 },
        encoding: { x: at('tollLow'), x2: { field: 'tollHigh' }, y: at('y'), color: colour },
      },
      {
        data: { values: guarded },
        mark: { type: 'point', filled: true, size: 40, opacity: 1 },
        encoding: { x: at('toll'), y: at('y'), color: colour },
      },
      {
        mark: { type: 'rule', strokeWidth: 1.2, color: FAINT, strokeDash: [2, 2] },
        encoding: { x: at('to'), x2: { field: 'end' }, y: at('y') },
      },
      {
        mark: { type: 'rule', strokeWidth: 4, strokeCap: 'butt' },
        encoding: { x: at('from'), x2: { field: 'to' }, y: at('y'), color: colour },
      },
      {
        mark: { type: 'point', filled: true, size: 52, opacity: 1 },
        encoding: { x: at('from'), y: at('y'), color: colour },
      },
      {
        data: { values: withCritical },
        mark: { type: 'point', shape: 'diamond', filled: false, size: 64, strokeWidth: 1.6, opacity: 1 },
        encoding: { x: at('critical'), y: at('y'), color: colour },
      },
      {
        mark: { type: 'text', align: narrow ? 'left' : 'right', baseline: 'middle', color: INK },
        encoding: { x: { value: narrow ? 0 : -12 }, y: at('textY'), text: { field: 'label', type: 'nominal' } },
      },
      {
        mark: {
          type: 'text',
          align: narrow ? 'right' : 'left',
          baseline: 'middle',
          fontSize: narrow ? FONT_SIZE - 1 : FONT_SIZE,
          color: MUTED,
        },
        encoding: {
          x: { value: tollWidth + gap + lagWidth + (narrow ? 0 : 12) },
          y: at('textY'),
          text: { field: 'text', type: 'nominal' },
        },
      },
    ],
  };
}

/** Zero, and one or two round numbers. */
function tollTicks(most: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000].find((size) => most / size <= 3.5) ?? most;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

/** What is paid for being able to take a credential back, beside how soon it is. */
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
  spec,
};
