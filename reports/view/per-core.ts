/** Throughput per core of the replicas' CPU limits, which makes fleets with small shares comparable. Pure. */
import type { Run } from '../../core/results/schema.ts';
import { type ArmFigure, factorNumber } from './figures.ts';

const SHARE = /^scale: each replica is (?:limited|held) to (\d+(?:\.\d+)?) of a core$/;

/** The share of a core to which each replica of `scale` was limited; null if they were not limited. */
export function replicaShare({ notes }: Pick<Run, 'notes'>): number | null {
  const share = Number(notes.flatMap((note) => SHARE.exec(note)?.[1] ?? [])[0]);
  return share > 0 ? share : null;
}

/** Requests a second per full core; unchanged if replicas were not limited to a share. */
export function perCore(run: Pick<Run, 'notes'>, figure: ArmFigure): ArmFigure {
  const share = replicaShare(run);
  const replicas = factorNumber(figure, 'replicas');
  if (share === null || replicas === null) return figure;
  const by = share * replicas;
  return {
    ...figure,
    value: figure.value / by,
    low: figure.low / by,
    high: figure.high / by,
    unit: 'req/s per core',
  };
}

/** `each held to 0.15 of a core`; empty without limits. */
export function shareText(run: Pick<Run, 'notes'>): string {
  const share = replicaShare(run);
  return share === null ? '' : `each held to ${share} of a core`;
}
