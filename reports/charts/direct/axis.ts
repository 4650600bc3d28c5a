/** Axes as vega lays them out: grid lines behind all marks, then marks of ticks, labels and the title. */

import { CHART_CONFIG, FONT_SIZE, GRID, MUTED } from '../shapes/theme.ts';
import type { Element } from '../svg/svg-tree.ts';
import { anchorOf, dropOf, element, kindOf, moved, placed } from './elements.ts';
import { labelsOf } from './labels.ts';
import { type AxisScale, roundTicks, ticksWithin } from './scale.ts';
import { notDirect, numberOf, numbersOf, type Part, partOf, textOf } from './subset.ts';

const LABEL_SIZE = FONT_SIZE - 1;
const PADDING = numberOf(CHART_CONFIG.axis?.labelPadding, 'the padding of labels');

const KEYS = [
  ...['title', 'titleAlign', 'titleAnchor', 'titleAngle', 'titleBaseline', 'titleColor', 'titleX', 'titleY'],
  ...['grid', 'ticks', 'tickSize', 'values', 'tickCount', 'tickMinStep', 'labelExpr', 'orient'],
];

/** A scale with the axis that shows it. */
export interface Axis {
  readonly channel: 'x' | 'y';
  readonly scale: AxisScale;
  /** The axis as the spec has it. */
  readonly axis: Part;
}

export function axisPart(value: unknown): Part {
  return partOf(value, KEYS, 'an axis');
}

/** The area that the axes belong to. */
export interface Area {
  readonly width: number;
  readonly height: number;
  /** True if there is a scale in the other direction. */
  readonly crossed: boolean;
}

function ticksOf({ scale, axis }: Axis): readonly number[] {
  if (axis.values !== undefined) return ticksWithin(numbersOf(axis.values, 'the values of an axis'), scale);
  if (scale.isLog) return notDirect('a logarithmic axis without values');
  const least = axis.tickMinStep === undefined ? undefined : numberOf(axis.tickMinStep, 'a step');
  return roundTicks(scale.domain, numberOf(axis.tickCount, 'a count of ticks'), least);
}

const line = (x: number, y: number, dx: number, dy: number) =>
  element('line', { transform: moved(x, y), x2: dx, y2: dy, stroke: GRID, 'stroke-width': 1 });

/** Lines are at whole pixels, so that they are sharp. */
const lineAt = ({ scale }: Axis, tick: number) => Math.round(scale.at(tick));

const place = ({ channel }: Axis, { height }: Area) => (channel === 'x' ? height : 0);

/** The grid lines of an axis; empty without a grid. */
export function gridOf(axis: Axis, area: Area): Element[] {
  if (axis.axis.grid !== true) return [];
  const { width, height, crossed } = area;
  const lines = ticksOf(axis).map((tick) => {
    const at = lineAt(axis, tick);
    if (axis.channel === 'y') return line(0, at, width, 0);
    return crossed ? line(at, -height, 0, height) : line(at, 0, 0, -height);
  });
  return [kindOf('axis', [placed(0, place(axis, area), [kindOf('grid', lines)])])];
}

function titleOf({ channel, axis }: Axis): Element {
  const text = textOf(axis.title, 'the title of an axis');
  if (text.trim() === '') notDirect('an axis without a title');
  const baseline = axis.titleBaseline;
  if (baseline !== 'top' && baseline !== 'middle') return notDirect('another baseline');
  if (channel === 'y' ? axis.titleAngle !== 0 : axis.titleAnchor !== 'start') notDirect('a title elsewhere');
  const [x, y] = [numberOf(axis.titleX, 'a place'), numberOf(axis.titleY, 'a place')];
  return element(
    'text',
    {
      'text-anchor': anchorOf(textOf(axis.titleAlign, 'an alignment')),
      transform: moved(x, y + dropOf(baseline, LABEL_SIZE)),
      'font-size': `${LABEL_SIZE}px`,
      fill: axis.titleColor === undefined ? MUTED : textOf(axis.titleColor, 'a colour'),
    },
    [text.trim()],
  );
}

/** The tick marks, labels and title of an axis. */
export function axisOf(axis: Axis, area: Area): Element {
  const { channel, scale, axis: part } = axis;
  const horizontal = channel === 'x';
  if (part.orient !== undefined && (!horizontal || part.orient !== 'bottom')) notDirect('an axis at another side');
  const tickSize = part.ticks === true ? numberOf(part.tickSize, 'the size of ticks') : 0;
  if (tickSize > 0 && !horizontal) notDirect('ticks at the left');
  const ticks = ticksOf(axis);
  const label = labelsOf(part.labelExpr);
  const marks =
    tickSize === 0
      ? []
      : [
          kindOf(
            'tick',
            ticks.map((tick) => line(lineAt(axis, tick), 0, 0, tickSize)),
          ),
        ];
  const labels = ticks.map((tick) => {
    const at = scale.at(tick);
    const [x, y] = horizontal
      ? [at, tickSize + PADDING + dropOf('top', LABEL_SIZE)]
      : [-PADDING, at + dropOf('middle', LABEL_SIZE)];
    return element(
      'text',
      {
        'text-anchor': horizontal ? 'middle' : 'end',
        transform: moved(x, y),
        'font-size': `${LABEL_SIZE}px`,
        fill: MUTED,
      },
      [label(tick)],
    );
  });
  const parts = [...marks, kindOf('label', labels), kindOf('title', [titleOf(axis)])];
  return kindOf('axis', [placed(0, place(axis, area), parts)]);
}
