/** What `layers` measures in each profile, and how often. */
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import type { TlsOptions } from '../../../servers/configuration.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { Cell } from '../../measuring/cells.ts';
import type { Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';
import { ALL_LAYERS, BARE, LAYERS, type Layer, TLS_LAYER } from './list.ts';

export interface LayersPlan extends ForkSchedule {
  readonly layers: readonly Layer[];
  /** The part of a fork's time after which its servers have started and warmed up. */
  readonly warmUpShare: number;
  readonly blocks: number;
  readonly blockMs: number;
  /** New connections per turn, turns per block, and blocks: with full handshakes and with resumed ones. */
  readonly handshakes: { readonly connections: number; readonly rounds: number; readonly blocks: number };
}

export const LAYERS_PLANS: Readonly<Record<Profile, LayersPlan>> = {
  quick: {
    // Every arm with every layer is a process that must start and warm up.
    layers: LAYERS.filter(({ name }) => [BARE, TLS_LAYER, 'rate-limit-redis', ALL_LAYERS].includes(name)),
    minForks: 2,
    maxForks: 4,
    canBeShort: true,
    warmUpShare: 0.55,
    blocks: 12,
    blockMs: 600,
    handshakes: { connections: 30, rounds: 3, blocks: 2 },
  },
  full: {
    layers: LAYERS,
    minForks: 3,
    maxForks: 10,
    canBeShort: true,
    warmUpShare: 0.55,
    blocks: 20,
    blockMs: 700,
    handshakes: { connections: 40, rounds: 4, blocks: 4 },
  },
};

/** The key of the fleet that serves an arm with a layer. */
export function layeredKey(arm: string, layer: string): string {
  return `${arm} + ${layer}`;
}

export interface LayersParts {
  readonly tls: TlsOptions;
  /** The address for spans; null if no layer has any. */
  readonly traceEndpoint: string | null;
}

/** One replica of every arm with every layer. */
export function layersSpecs(
  arms: readonly ArmInfo[],
  layers: readonly Layer[],
  { tls, traceEndpoint }: LayersParts,
): FleetSpec[] {
  const shared = { replicas: 1, users: STANDARD_IN_FLIGHT };
  return arms.flatMap((arm) =>
    layers.map((layer) => ({
      ...shared,
      key: layeredKey(arm.name, layer.name),
      arm,
      settings: layer.traced && traceEndpoint !== null ? { ...layer.settings, traceEndpoint } : layer.settings,
      ...(layer.tls ? { tls } : {}),
    })),
  );
}

/** The cell of each of these fleets, by key. */
export function layersCells(arms: readonly ArmInfo[], layers: readonly Layer[]): ReadonlyMap<string, Cell> {
  return new Map(
    arms.flatMap(({ name }) =>
      layers.map((layer) => [layeredKey(name, layer.name), { arm: name, factors: { layers: layer.name } }]),
    ),
  );
}
