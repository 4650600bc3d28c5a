/** The answer in a few sentences, generated only from the figures of the run. */
import { namesOfRole, referencePair } from '../../core/results/arms.ts';
import type { PairedRatio } from '../../core/results/paired-ratios.ts';
import type { Run } from '../../core/results/schema.ts';
import { formatEstimate, list } from '../../core/text/format.ts';
import { costScope, costSentence, ratioText } from '../../core/text/pairs.ts';
import { compareSentence, NOT_PAIRED } from '../../core/text/sentences.ts';
import { Evidence } from '../claims/evidence.ts';
import { endText, longestLag } from '../claims/revoked.ts';
import { type ArmFigure, figuresOf, hasArm, tollFigures } from './figures.ts';
import { perCore, shareText } from './per-core.ts';
import { type CostRanking, tiedWith } from './ranking.ts';
import { replicasCompared, throughputPairs } from './scale-pairs.ts';
import { secondOpinions } from './second-opinion.ts';
import { confidenceText, type Statement, withInheritedFlags } from './statement.ts';

function baselineName(run: Run): string | null {
  return namesOfRole(run.arms, 'baseline')[0] ?? null;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Figures of one metric by arm, with inherited flags. */
function byArm(run: Run, metric: Parameters<typeof tollFigures>[1]): Map<string, ArmFigure> {
  const figures = tollFigures(run, metric);
  return new Map(
    figures.map((figure) => [figure.arm, { ...withInheritedFlags(figure, run.figures), arm: figure.arm }]),
  );
}

/** The result of merged shards need not apply to any one of their machines. */
function whereOf({ shards = [] }: Run): string {
  return shards.length > 1 ? `Over ${shards.length} shards` : 'On this machine';
}

/** The cost of the ordinary session relative to the ordinary token. */
function ordinarySentence(run: Run, ranking: CostRanking | null): Statement[] {
  const ordinary = referencePair(run.arms);
  if (ordinary === null) return [];
  const { session, token } = ordinary;
  const pair = ranking?.costs.between(session, token) ?? null;
  const costs = byArm(run, 'total_cpu_us_per_request');
  const [ofSession, ofToken] = [costs.get(session), costs.get(token)];
  if (ranking !== null && pair !== null) {
    const words = costSentence(pair, ranking.costs);
    const sure = pair.outcome === 'one sample' ? '' : ` (${confidenceText(pair.ratio)})`;
    const isWhole =
      ranking.costs.includesRedis && pair.outcome !== 'one sample' && ofSession !== undefined && ofToken !== undefined;
    if (!isWhole) return [{ text: `${whereOf(run)}, ${words}${sure}.`, figures: [pair.ratio] }];
    const amounts = `${formatEstimate(ofSession)} against ${formatEstimate(ofToken)}`;
    return [{ text: `${whereOf(run)}, ${words}: ${amounts}${sure}.`, figures: [pair.ratio, ofSession, ofToken] }];
  }
  if (ofSession === undefined || ofToken === undefined) return [];
  const text = `Including Redis, ${session} takes ${formatEstimate(ofSession)} of CPU time per request and ${token} ${formatEstimate(ofToken)}: ${NOT_PAIRED}.`;
  return [{ text, figures: [ofSession, ofToken] }];
}

/** How long each of the two stays valid after revocation; empty unless both were measured. */
export function revocationSentence(run: Run): Statement[] {
  const ordinary = referencePair(run.arms);
  if (ordinary === null) return [];
  const evidence = new Evidence(run.figures, run.arms);
  const lags = [ordinary.session, ordinary.token].flatMap((arm) => {
    const lag = longestLag(evidence, arm);
    if (lag === null) return [];
    const summary = run.arms.find(({ name }) => name === arm);
    return summary === undefined ? [] : [{ lag, ends: `${arm} ${endText(lag, summary)}` }];
  });
  if (lags.length < 2) return [];
  const text = `After revocation, ${list(lags.map(({ ends }) => ends))}.`;
  return [{ text, figures: lags.map(({ lag }) => lag), about: 'revocation' }];
}

/** Which of the two lacks it, and the experiment that measures it; empty if the run has no figure of the two at all. */
function unknownRevocation(run: Run): Statement[] {
  const ordinary = referencePair(run.arms);
  if (!run.figures.some(({ arm }) => arm === ordinary?.session || arm === ordinary?.token)) return [];
  const evidence = new Evidence(run.figures, run.arms);
  const unknown = [ordinary?.session, ordinary?.token].filter((arm) => arm && longestLag(evidence, arm) === null);
  const command = 'npm run bench -- --experiments revocation';
  const who = unknown.length === 1 ? unknown[0] : 'each';
  const text = `How long ${who} remains valid after revocation was not measured in this run: ${command}.`;
  return [{ text, figures: [], about: 'not measured' }];
}

/** The cheapest arm and those without a significant difference from it. */
function cheapestSentences(run: Run, ranking: CostRanking | null): Statement[] {
  const totals = byArm(run, 'total_cpu_us_per_request');
  const baseline = baselineName(run);
  const unguarded = baseline === null ? undefined : totals.get(baseline);
  const base =
    unguarded === undefined ? '' : ` The baseline, without authentication, takes ${formatEstimate(unguarded)}.`;
  const baseFigures = unguarded === undefined ? [] : [unguarded];
  const first = ranking?.arms[0]?.arm;
  if (ranking === null || first === undefined) {
    const guarded = [...totals.values()].filter(({ arm }) => arm !== baseline);
    const named = guarded.map((figure) => ({ ...figure, name: figure.arm }));
    const text = compareSentence(named, { least: '', leastPlural: '', most: '', mostPlural: '' });
    if (text === null) return [];
    return [{ text: `CPU time per request, Redis included: ${text}.${base}`, figures: [...guarded, ...baseFigures] }];
  }
  const ties = tiedWith(first, ranking).flatMap((arm) => ranking.costs.between(first, arm) ?? []);
  const total = totals.get(first);
  const whole = byArm(run, 'total_cpu_ratio_to_baseline').get(first);
  const ratio = whole ?? byArm(run, 'cpu_ratio_to_baseline').get(first);
  const amount = total === undefined ? '' : `: ${formatEstimate(total)} of CPU time per request, Redis included`;
  const scope = whole === undefined && !ranking.costs.includesRedis ? ` (${costScope(ranking.costs).trim()})` : '';
  const times = ratio === undefined ? '' : `, ${formatEstimate(ratio)} the baseline${scope}`;
  const tie = ties.length === 0 ? 'The cheapest arm is' : 'The lowest estimate is that of';
  const figures = [total, ratio].flatMap((figure) => figure ?? []);
  const cheapest = { text: `${tie} ${first}${amount}${times}.${base}`, figures: [...figures, ...baseFigures] };
  if (ties.length === 0) return [cheapest];
  const others = list(ties.map((pair) => `${pair.b} (${ratioText(pair)})`));
  const text = `No difference was found between ${first} and ${others}.`;
  return [cheapest, { text, figures: ties.map(({ ratio: figure }) => figure) }];
}

/** The cheapest arm of each family against the other. */
function familySentence(run: Run, ranking: CostRanking | null): Statement[] {
  if (ranking === null) return [];
  const best = (family: string) =>
    ranking.arms.find(({ arm }) => run.arms.some(({ name, family: its }) => name === arm && its === family))?.arm;
  const [session, token] = [best('session'), best('token')];
  if (session === undefined || token === undefined) return [];
  const ordinary = referencePair(run.arms);
  if (ordinary?.session === session && ordinary.token === token) return [];
  const pair = ranking.costs.between(session, token);
  if (pair === null) return [];
  const sentence = costSentence(pair, ranking.costs);
  const text = `The session and the token with the lowest estimates: ${sentence}.`;
  return [{ text, figures: [pair.ratio] }];
}

/** Throughput at the largest number of replicas. */
function scaleSentence(run: Run): Statement[] {
  const replicas = replicasCompared(run);
  if (replicas === null) return [];
  const figures = figuresOf(run, 'scale', 'throughput_rps')
    .filter(hasArm)
    .filter(
      ({ arm, factors }) =>
        factors.replicas === replicas && Object.keys(factors).length === 1 && arm !== baselineName(run),
    )
    .map((figure) => perCore(run, figure));
  const words = {
    least: 'has the lowest throughput',
    leastPlural: 'have the lowest throughput',
    most: 'has the highest throughput',
    mostPlural: 'have the highest throughput',
  };
  const pairs = throughputPairs(run, replicas);
  const share = shareText(run);
  const named = figures.map((figure) => ({ ...figure, name: figure.arm }));
  const sentence = compareSentence(named, words, { biggerFirst: true, pairs });
  if (sentence === null) return [];
  const between = (one: ArmFigure): PairedRatio[] =>
    figures.flatMap((other) => (one === other ? [] : (pairs?.between(one.arm, other.arm) ?? [])));
  const compared = figures.flatMap(between).map(({ ratio }) => ratio);
  return [
    {
      text: capital(`with ${replicas} replicas (server processes)${share === '' ? '' : ` ${share}`}, ${sentence}.`),
      figures: [...figures, ...compared],
    },
  ];
}

/** The cost of authentication in a service, compared with its own public request. */
function ownTollSentences(run: Run): Statement[] {
  const ratios = new Map(tollFigures(run, 'cpu_ratio_to_twin').map((figure) => [figure.arm, figure]));
  return tollFigures(run, 'cpu_own_toll_us').map((toll) => {
    const ratio = ratios.get(toll.arm);
    const times = ratio === undefined ? '' : `, ${formatEstimate(ratio)} as much`;
    return {
      text: `A request of ${toll.arm} that needs a login takes ${formatEstimate(toll)} more CPU time than its public one${times}.`,
      figures: [toll, ...(ratio === undefined ? [] : [ratio])],
    };
  });
}

/** Empty if the run has none of the figures for an answer. */
export function headline(run: Run, ranking: CostRanking | null = null): Statement[] {
  const revocation = revocationSentence(run);
  const costs = [...ownTollSentences(run), ...ordinarySentence(run, ranking)];
  const more = [...cheapestSentences(run, ranking), ...familySentence(run, ranking), ...scaleSentence(run)];
  more.push(...secondOpinions(run));
  // A sentence about missing measurements is not an answer by itself.
  const unknown = costs.length + more.length > 0 ? unknownRevocation(run) : [];
  return [...costs, ...(revocation.length > 0 ? revocation : unknown), ...more];
}
