/**
 * Turns layers' slices into figures: what each layer adds to each arm, and the remaining difference between arms.
 * Pure.
 */
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { Cell } from '../../analysis/cell.ts';
import { costFigures, redisCostFigures, usable } from '../../analysis/costs.ts';
import { WIDE } from '../../analysis/figure.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { flagsOf } from '../../measuring/slices.ts';
import { BARE, TLS_LAYER } from './list.ts';

export const LAYERS_EXPERIMENT = 'layers';

const layersOf = (slice: Slice) => String(slice.factors.layers);
const armOf = ({ arm }: Slice) => arm ?? '';

/** Usable paired slices, by layer and arm. */
type Grid = ReadonlyMap<string, ReadonlyMap<string, readonly Slice[]>>;

const slicesAt = (grid: Grid, layers: string, arm: string) => grid.get(layers)?.get(arm) ?? [];

/** The cost of a request to the arm under these layers. */
function costsOf(grid: Grid, layers: string, arm: string, context: AnalysisContext): Figure[] {
  const cell = new Cell({
    subject: { experiment: LAYERS_EXPERIMENT, arm, factors: { layers } },
    slices: slicesAt(grid, layers, arm),
    baselines: slicesAt(grid, layers, context.baseline),
    seeds: seedsOf(context, `${LAYERS_EXPERIMENT} ${arm}`),
  });
  // Redis figures are those of the bare arm: the Redis use of a layer is a figure of the layer.
  return [...costFigures(cell, arm === context.baseline), ...(layers === BARE ? redisCostFigures(cell) : [])];
}

/** What the layer adds to the arm. */
function layerFigures(grid: Grid, layers: string, arm: string, context: AnalysisContext): Figure[] {
  if (layers === BARE) return [];
  const cell = new Cell({
    subject: { experiment: LAYERS_EXPERIMENT, arm, factors: { layers } },
    slices: slicesAt(grid, layers, arm),
    baselines: slicesAt(grid, BARE, arm),
    seeds: seedsOf(context, LAYERS_EXPERIMENT, `${layers} ${arm}`),
  });
  return [
    ...cell.paired('layer_ratio', { label: 'ratio', targetHalfWidth: WIDE.cost }),
    ...cell.paired('layer_toll_us', { label: 'toll' }),
    ...cell.paired('layer_redis_commands'),
    ...cell.paired('layer_redis_cpu_us'),
  ];
}

/** Every arm against each that follows it, under the same layers. */
function schemeFigures(grid: Grid, layers: string, context: AnalysisContext): Figure[] {
  const names = [...(grid.get(layers)?.keys() ?? [])]
    .filter((arm) => arm !== context.baseline)
    .sort()
    .reverse();
  return names.flatMap((arm, i) =>
    names.slice(i + 1).flatMap((than) => {
      const [slices, others] = [slicesAt(grid, layers, arm), slicesAt(grid, layers, than)];
      const cell = new Cell({
        subject: { experiment: LAYERS_EXPERIMENT, arm, factors: { layers, than } },
        slices,
        baselines: others,
        seeds: seedsOf(context, LAYERS_EXPERIMENT, `${layers} ${arm} ${than}`),
        flags: flagsOf(others),
      });
      return cell.paired('scheme_ratio', { label: 'scheme', targetHalfWidth: WIDE.cost });
    }),
  );
}

/** A new connection with TLS beyond one without. */
function handshakeFigures(counted: readonly Slice[], context: AnalysisContext): Figure[] {
  return [...Map.groupBy(counted, ({ factors }) => factors.handshake)].flatMap(([handshake, slices]) => {
    if (handshake === undefined) return [];
    const of = (layers: string) => slices.filter((slice) => layersOf(slice) === layers);
    const cell = new Cell({
      subject: { experiment: LAYERS_EXPERIMENT, arm: slices[0]?.arm ?? null, factors: { handshake } },
      slices: of(TLS_LAYER),
      baselines: of(BARE),
      seeds: seedsOf(context, LAYERS_EXPERIMENT),
    });
    return cell.paired('handshake_cpu_us', { label: `handshake ${handshake}`, flags: flagsOf(slices) });
  });
}

export function analyseLayers(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const paired = usable(slices.filter(({ mode }) => mode === 'paired'));
  const counted = usable(slices.filter(({ mode }) => mode === 'connect'));
  const grid: Grid = new Map(
    [...Map.groupBy(paired, layersOf)].map(([layer, own]) => [layer, Map.groupBy(own, armOf)]),
  );
  return [...grid]
    .flatMap(([layers, arms]) => [
      ...[...arms.keys()].flatMap((arm) => [
        ...costsOf(grid, layers, arm, context),
        ...layerFigures(grid, layers, arm, context),
      ]),
      ...schemeFigures(grid, layers, context),
    ])
    .concat(handshakeFigures(counted, context));
}
