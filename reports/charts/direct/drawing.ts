/**
 * Draws the specs of the report's charts without vega, which takes about ten times as long: for every chart, it builds a
 * dataflow that could react to changes. The result has the same elements as vega's; a test compares them. A spec with
 * any part that is not supported here is drawn by vega.
 */
import type { Drawing } from '../shapes/drawing.ts';
import { CHART_CONFIG } from '../shapes/theme.ts';
import type { Element } from '../svg/svg-tree.ts';
import { type Axis, axisOf, axisPart, gridOf } from './axis.ts';
import { element, kindOf, moved, placed } from './elements.ts';
import { marksOf } from './marks.ts';
import { type AxisScale, scaleOf } from './scale.ts';
import { filtered, isPart, NotDirect, notDirect, numberOf, type Part, partOf, type Row, rowsOf } from './subset.ts';

/** A layer with its rows. */
interface Unit {
  readonly mark: Part;
  readonly encoding: Part;
  readonly rows: readonly Row[];
  /** The index of the top-level layer that it is, or is part of. */
  readonly branch: number;
}

function unitsOf(layer: unknown, rows: readonly Row[], branch: number): Unit[] {
  const spec = partOf(layer, ['mark', 'encoding', 'data', 'transform', 'layer'], 'a layer');
  const own = filtered(spec.data === undefined ? rows : rowsOf(spec.data), spec.transform);
  if (spec.layer !== undefined) return layersOf(spec.layer, own, branch);
  const { mark, encoding } = spec;
  return isPart(mark) && isPart(encoding) ? [{ mark, encoding, rows: own, branch }] : notDirect('a layer of nothing');
}

const layersOf = (layers: unknown, rows: readonly Row[], branch?: number): Unit[] =>
  Array.isArray(layers)
    ? layers.flatMap((layer, index) => unitsOf(layer, rows, branch ?? index))
    : notDirect('layers that are no list');

const alike = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b);

/** The axis that these layers share in one direction; null if their positions are in pixels. */
function sharedAxis(units: readonly Unit[], channel: 'x' | 'y', whole: readonly [number, number]): Axis | null {
  const scaled = units.flatMap(({ encoding }) => {
    const given = encoding[channel];
    return isPart(given) && isPart(given.scale) ? [given] : [];
  });
  const [first] = scaled;
  if (first === undefined) return null;
  if (!scaled.every((one) => alike(one.scale, first.scale) && alike(one.axis, first.axis)))
    notDirect('axes that differ');
  return { channel, scale: scaleOf(first.scale, whole), axis: axisPart(first.axis) };
}

/** Layers on the same area. */
interface Plane {
  readonly width: number;
  readonly height: number;
  readonly units: readonly Unit[];
  /** The horizontal axis of each branch if they are independent; otherwise only the first, for all. */
  readonly xs: readonly (Axis | null)[];
  readonly y: Axis | null;
}

function planeOf(width: unknown, height: unknown, units: readonly Unit[], isApart: boolean): Plane {
  const size = { width: numberOf(width, 'a width'), height: numberOf(height, 'a height') };
  const across = [0, size.width] as const;
  const branches = [...Map.groupBy(units, ({ branch }) => (isApart ? branch : 0)).entries()];
  const xs: (Axis | null)[] = [];
  for (const [branch, own] of branches) xs[branch] = sharedAxis(own, 'x', across);
  return { ...size, units, xs, y: sharedAxis(units, 'y', [size.height, 0]) };
}

const axesOf = ({ xs, y }: Plane): Axis[] => [...xs, y].filter((axis) => axis !== null && axis !== undefined);

const areaOf = ({ width, height, xs, y }: Plane) => ({
  width,
  height,
  crossed: y !== null && xs.some((axis) => axis !== null),
});

function marksIn({ units, xs, y, width }: Plane, rowsFor: (rows: readonly Row[]) => readonly Row[]): Element[] {
  const scaleAt = (branch: number): AxisScale | null => (xs[branch] ?? xs[0])?.scale ?? null;
  return units.map(({ mark, encoding, rows, branch }) =>
    marksOf({ mark, encoding, rows: rowsFor(rows), x: scaleAt(branch), y: y?.scale ?? null, width }),
  );
}

function layered(spec: Part): Element[] {
  const { layer, data, width, height, resolve } = spec;
  const scales = resolve === undefined ? {} : partOf(resolve, ['scale'], 'resolve').scale;
  const { x = 'shared', y = 'shared' } = partOf(scales, ['x', 'y'], 'resolve');
  if (y !== 'shared') notDirect('scales apart');
  const units = layersOf(layer, data === undefined ? [{}] : rowsOf(data));
  const plane = planeOf(width, height, units, x === 'independent');
  const area = areaOf(plane);
  const axes = axesOf(plane);
  return [
    ...axes.flatMap((axis) => gridOf(axis, area)),
    ...axes.map((axis) => axisOf(axis, area)),
    ...marksIn(plane, (rows) => rows),
  ];
}

/** Panels of one size in rows. The vertical axis is at the left of each row, the horizontal one below each panel. */
function faceted(spec: Part, prefix: string): Element[] {
  const { data, facet, columns: most, spacing, spec: panel } = spec;
  const { field, header } = partOf(facet, ['field', 'type', 'header'], 'a facet');
  const { title } = partOf(header, ['title', 'labelExpr'], 'a header');
  const { row: rowGap, column: columnGap } = partOf(spacing, ['row', 'column'], 'spacing');
  if (typeof field !== 'string' || title !== null || spec.bounds !== 'flush')
    return notDirect('a facet of another kind');
  if (!alike(spec.resolve, { axis: { x: 'independent' } })) notDirect('a facet of another kind');
  const inner = partOf(panel, ['width', 'height', 'layer'], 'a panel');
  const rows = rowsOf(data);
  const groups = Map.groupBy(rows, (row) => numberOf(row[field], 'a panel'));
  const order = [...groups.keys()].sort((a, b) => a - b);
  const plane = planeOf(inner.width, inner.height, layersOf(inner.layer, rows), false);
  const area = areaOf(plane);
  const [x] = plane.xs;
  const columns = numberOf(most, 'columns');
  const step = { x: plane.width + numberOf(columnGap, 'a gap'), y: plane.height + numberOf(rowGap, 'a gap') };
  const { y } = plane;
  const heads =
    y === null
      ? []
      : Array.from({ length: Math.ceil(order.length / columns) }, (_, i) => placed(0, i * step.y, [axisOf(y, area)]));
  const cells = order.map((key, i) => {
    const own = new Set(groups.get(key));
    return placed((i % columns) * step.x, Math.floor(i / columns) * step.y, [
      ...axesOf(plane).flatMap((axis) => gridOf(axis, area)),
      ...(x === null || x === undefined ? [] : [axisOf(x, area)]),
      ...marksIn(plane, (of) => of.filter((row) => own.has(row))),
    ]);
  });
  return [kindOf('header', heads), kindOf(`${prefix}cell`, cells)];
}

const FACET = ['data', 'facet', 'columns', 'bounds', 'spacing', 'resolve', 'spec'];
const LAYERED = ['width', 'height', 'data', 'layer', 'resolve'];

/** A legend above panels. */
function stacked({ vconcat, spacing, bounds }: Part): Element[] {
  if (!Array.isArray(vconcat) || vconcat.length !== 2 || bounds !== 'flush') return notDirect('parts of another kind');
  const legend = partOf(vconcat[0], ['width', 'height', 'layer'], 'a legend');
  const below = numberOf(legend.height, 'a height') + numberOf(spacing, 'a gap');
  return [
    kindOf('group', [placed(0, 0, layered(legend))]),
    kindOf('group', [placed(0, below, faceted(partOf(vconcat[1], FACET, 'a facet'), 'concat_1_'))]),
  ];
}

function contentOf(spec: Part): Element[] {
  const { config, ...rest } = spec;
  if (!alike(config, CHART_CONFIG)) notDirect('another config');
  if (rest.vconcat !== undefined) return stacked(partOf(rest, ['vconcat', 'spacing', 'bounds'], 'a spec'));
  if (rest.facet !== undefined) return faceted(partOf(rest, FACET, 'a spec'), '');
  return layered(partOf(rest, LAYERED, 'a spec'));
}

/** @returns the tree of the SVG that vega would write; null if a part of the spec is not supported here */
export function drawnDirectly({ spec, left, top }: Drawing): Element | null {
  try {
    const content = contentOf(spec as unknown as Part);
    const frame = kindOf('root', [placed(0, 0, content)]);
    return element('svg', {}, [element('g', { fill: 'none', transform: moved(left, top) }, [frame])]);
  } catch (error) {
    if (error instanceof NotDirect) return null;
    throw error;
  }
}
