import { formatDuration, list } from '../../../core/text/format.ts';
import type { ReportView } from '../../view/view.ts';
import type { Canvas, Chart } from '../shapes/chart.ts';
import { DURATION_TICKS } from '../shapes/durations.ts';
import { bottomAxis, type Drawing, diamond, dot, group, move, ofArm, rule, text, told } from '../shapes/svg.ts';
import { FAINT, FONT_SIZE, figureWidth, INK, MUTED, shorten, textWidth } from '../shapes/theme.ts';
import { thinTicks } from '../shapes/ticks.ts';
import { tipOf } from '../shapes/tip.ts';
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
  const lagX = (ms: number) =>
    lagLeft + (Math.log(Math.max(FLOOR_MS, ms) / FLOOR_MS) / Math.log(most / FLOOR_MS)) * lagWidth;
  const mostToll = Math.max(1, ...lags.map(({ toll }) => toll?.high ?? 0)) * 1.05;
  const tollX = (us: number) => (Math.max(0, us) / mostToll) * tollWidth;
  const middle = narrow ? 29 : rowHeight / 2;
  const textY = narrow ? 11 : middle;
  const slots = lags.map((lag, i) => {
    const { arm, colour, median, max, critical, toll } = lag;
    const from = lagX(median?.value ?? max.value);
    const cost =
      toll === null
        ? null
        : told(
            tipOf(`${arm}, toll in the replica`, toll),
            group({ opacity: 0.28 }, rule(tollX(0), middle, tollX(toll.value), middle, narrow ? 9 : 11)),
            rule(tollX(toll.low), middle, tollX(toll.high), middle, 2.5),
            dot(tollX(toll.value), middle, 3.6),
          );
    const reads = told(
      tipOf(`${arm}, longest lag`, max),
      group({ stroke: FAINT, 'stroke-dasharray': '2,2' }, rule(lagX(max.value), middle, lagX(max.high), middle, 1.2)),
      rule(from, middle, lagX(max.value), middle, 4),
      dot(from, middle, 4.1),
    );
    const ownCritical =
      critical === null || critical.value === max.value
        ? null
        : told(tipOf(`${arm}, critical operations`, critical), diamond(lagX(critical.value), middle));
    return ofArm(
      arm,
      { class: 'slot', transform: move(0, i * rowHeight) },
      group(
        { fill: INK, 'text-anchor': narrow ? null : 'end' },
        text(narrow ? 0 : -12, textY, shorten(arm, LONGEST_LABEL)),
      ),
      group({ fill: colour, stroke: colour }, cost, reads, ownCritical),
      group(
        { fill: MUTED, 'text-anchor': narrow ? 'end' : null, 'font-size': narrow ? FONT_SIZE - 1 : null },
        text(narrow ? width : width + 12, textY, lagText(lag)),
      ),
    );
  });
  const lagTicks = thinTicks(
    DURATION_TICKS.filter(({ at }) => at <= most).map(({ at, label }) => ({
      px: lagX(at),
      label: at === FLOOR_MS && !narrow ? `≤ ${label}` : label,
    })),
  );
  const tollTicksAt = tollTicks(mostToll).map((us) => ({ px: tollX(us), label: `${us}` }));
  const body = group(
    { transform: move(left, 6) },
    bottomAxis({ ticks: [...lagTicks, ...(hasToll ? tollTicksAt : [])], title: '', height, grid: !narrow }),
    group(
      { fill: MUTED, 'font-size': FONT_SIZE - 1 },
      text(lagLeft, height + 29, 'lag after revocation'),
      hasToll ? text(0, height + 29, narrow ? 'CPU toll, µs' : 'CPU toll, µs per request') : null,
    ),
    slots,
  );
  return { width: canvas.width, height: height + 46, body };
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
  draw,
};
