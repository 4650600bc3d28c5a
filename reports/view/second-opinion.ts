/** The results of another load generator on the same replicas, in sentences. Pure. */
import { isLoneSample } from '../../core/results/sampled.ts';
import type { Run } from '../../core/results/schema.ts';
import { counted, formatEstimate } from '../../core/text/format.ts';
import { factorNumber } from './figures.ts';
import { scaleFigures } from './scale-figures.ts';
import type { Statement } from './statement.ts';

/** A statement for each arm, at its largest number of replicas; empty unless the run had a second opinion. */
export function secondOpinions(run: Run): Statement[] {
  const replicas = (figure: Parameters<typeof factorNumber>[0]) => factorNumber(figure, 'replicas') ?? 0;
  const rates = scaleFigures(run, 'engine_throughput_rps');
  const byArm = Map.groupBy(scaleFigures(run, 'throughput_ratio_to_engine'), ({ arm }) => arm);
  return [...byArm].flatMap(([arm, ratios]) => {
    const [ratio] = ratios.toSorted((a, b) => replicas(b) - replicas(a));
    if (ratio === undefined) return [];
    const { engine } = ratio.factors;
    const count = replicas(ratio);
    const at = rates.filter((rate) => rate.arm === arm && replicas(rate) === count);
    const other = at.find(({ factors }) => factors.engine === engine);
    const own = at.find(({ factors }) => factors.engine !== engine);
    if (own === undefined || other === undefined) return [];
    const servers = counted(count, 'replica');
    const turns = isLoneSample(ratio) ? 'in one turn each, which shows no difference' : 'in turns';
    const text = `Second opinion: with ${servers} of ${arm}, our load generator reaches ${formatEstimate(ratio)} the throughput that ${engine} does, ${turns}: ${formatEstimate(own)} against ${formatEstimate(other)}.`;
    return [{ text, figures: [ratio, own, other] }];
  });
}
