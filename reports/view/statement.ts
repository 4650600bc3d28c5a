/** A sentence with the figures behind it, whose flags it inherits. Pure. */
import type { Flag } from '../../core/results/flags.ts';
import type { Figure } from '../../core/results/schema.ts';

export interface Statement {
  readonly text: string;
  readonly figures: readonly Figure[];
  /** The topic, if a page shows the statement separately. */
  readonly about?: 'revocation' | 'not measured';
}

/** The parts of a figure, whose flags it inherits. */
const PARTS: Readonly<Partial<Record<Figure['metric'], readonly Figure['metric'][]>>> = {
  total_cpu_us_per_request: ['cpu_us_per_request', 'redis_cpu_us_per_request'],
  total_cpu_ratio_to_baseline: ['cpu_ratio_to_baseline'],
  cpu_toll_us: ['cpu_ratio_to_baseline', 'total_cpu_ratio_to_baseline'],
};

/** The figure with the flags of its parts, which have the same arm, experiment and factors. */
export function withInheritedFlags(figure: Figure, all: readonly Figure[]): Figure {
  const parts = PARTS[figure.metric];
  if (parts === undefined) return figure;
  const key = JSON.stringify(figure.factors);
  const inherited = all
    .filter(
      (part) =>
        part.arm === figure.arm &&
        part.experiment === figure.experiment &&
        parts.includes(part.metric) &&
        JSON.stringify(part.factors) === key,
    )
    .flatMap(({ flags }) => flags);
  const flags = [...new Set<Flag>([...figure.flags, ...inherited])];
  return flags.length === figure.flags.length ? figure : { ...figure, flags };
}

/** `95 % interval, 13 fresh starts`. */
export function confidenceText({ confidence, forks, blocks }: Figure): string {
  const sample =
    blocks <= 1 ? 'one sample' : forks <= 1 ? `${blocks} blocks of one fresh start` : `${forks} fresh starts`;
  return blocks <= 1 ? sample : `${Math.round(confidence * 100)} % interval, ${sample}`;
}
