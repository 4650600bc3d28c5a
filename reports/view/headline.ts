/** The answer in a few sentences, made from the figures of the run and nothing else. */
import { namesOfRole } from '../../core/results/arms.ts';
import type { Run } from '../../core/results/schema.ts';
import type { Ranking } from '../../core/stats/ties.ts';
import { formatEstimate, formatValue, list } from '../../core/text/format.ts';
import { overlaps, rank } from '../../core/text/rank.ts';
import { compareSentence, type Named } from '../../core/text/sentences.ts';
import { type ArmFigure, factorNumber, figuresOf, hasArm, tollFigures } from './figures.ts';
import { tiedWith } from './ranking.ts';
import { isPlain } from './scale-figures.ts';

const named = (figure: ArmFigure): Named => ({ ...figure, name: figure.arm });

function baselineName(run: Run): string | null {
  return namesOfRole(run.arms, 'baseline')[0] ?? null;
}

/** What one request costs, unguarded and guarded. Ranked by the paired ratio, which the machine's drift cannot move. */
function costSentences(run: Run, ranking: Ranking | null): string[] {
  const cpu = tollFigures(run, 'cpu_us_per_request');
  const baseline = cpu.find((figure) => figure.arm === baselineName(run));
  const guarded = cpu.filter((figure) => figure !== baseline);
  const ratios = new Map(tollFigures(run, 'cpu_ratio_to_baseline').map((figure) => [figure.arm, figure]));
  const first = guarded.find(({ arm }) => arm === ranking?.arms[0]?.arm) ?? rank(guarded)?.ordered[0];
  if (first === undefined) return [];
  const unguarded =
    baseline === undefined ? '' : ` The baseline, without authentication, takes ${formatEstimate(baseline)}.`;
  const others = guarded.filter((figure) => {
    if (ranking !== null) return tiedWith(first.arm, ranking).includes(figure.arm);
    const [mine, its] = [ratios.get(figure.arm), ratios.get(first.arm)];
    const tied = mine !== undefined && its !== undefined ? overlaps(mine, its) : overlaps(figure, first);
    return figure !== first && tied;
  });
  const ratio = ratios.get(first.arm);
  const times = ratio === undefined ? '' : `, ${formatEstimate(ratio)} the baseline`;
  const cheapest = `The cheapest way to authenticate a request on this machine is ${first.arm}: ${formatEstimate(first)} of CPU time in the server process${times}.${unguarded}`;
  if (others.length === 0) return [cheapest];
  return [cheapest, `Statistically indistinguishable from it: ${list(others.map((figure) => figure.arm))}.`];
}

/** The cheapest arm of each family, replica and Redis together. */
function familySentence(run: Run): string[] {
  const totals = tollFigures(run, 'total_cpu_us_per_request');
  const best = (family: string): Named[] => {
    const names = run.arms.filter((arm) => arm.family === family).map((arm) => arm.name);
    const first = rank(totals.filter((figure) => names.includes(figure.arm)))?.ordered[0];
    return first === undefined ? [] : [{ ...named(first), name: first.arm }];
  };
  const session = best('session');
  const token = best('token');
  const [a, b] = [session[0], token[0]];
  if (a === undefined || b === undefined) return [];
  const subject = `Including the CPU time of Redis, the cheapest session (${a.name}) takes ${formatEstimate(a)} per request and the cheapest token (${b.name}) ${formatEstimate(b)}`;
  if (overlaps(a, b)) return [`${subject}: the intervals overlap, so these totals do not show which is cheaper.`];
  const [dear, cheap] = a.value > b.value ? [a, b] : [b, a];
  return [`${subject}: a factor of ${formatValue({ value: dear.value / cheap.value, low: 0, high: 0.1, unit: '' })}.`];
}

/** Throughput at the largest number of replicas. */
function scaleSentence(run: Run): string[] {
  const figures = figuresOf(run, 'scale', 'throughput_rps')
    .filter(hasArm)
    .filter((figure) => isPlain(figure) && figure.arm !== baselineName(run));
  const most = Math.max(...figures.map((figure) => factorNumber(figure, 'replicas') ?? 0));
  const atMost = figures.filter((figure) => factorNumber(figure, 'replicas') === most && most > 1);
  const words = {
    least: 'has the lowest throughput',
    leastPlural: 'have the lowest throughput',
    most: 'has the highest throughput',
    mostPlural: 'have the highest throughput',
  };
  const sentence = compareSentence(atMost.map(named), words, true);
  return sentence === null ? [] : [`With ${most} replicas (server processes), ${sentence}.`];
}

/** Empty where the run holds none of the figures that an answer needs. */
export function headline(run: Run, ranking: Ranking | null = null): string[] {
  return [...costSentences(run, ranking), ...familySentence(run), ...scaleSentence(run)];
}
