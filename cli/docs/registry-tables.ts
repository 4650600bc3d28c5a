/** Tables of experiments, metrics, measures and flags, from the registries. Pure. */

import { CHECKS } from '../../bench/gate/registry.ts';
import type { Experiment } from '../../bench/measuring/experiment.ts';
import { FACTORS } from '../../core/results/factors.ts';
import { FLAGS } from '../../core/results/flags.ts';
import { MEASURES } from '../../core/results/measures.ts';
import type { MetricInfo } from '../../core/results/metrics/metric-info.ts';
import { METRICS } from '../../core/results/metrics.ts';
import type { Amount, Quantity, Quotient } from '../../core/results/quotients/quotient.ts';
import { SLICE_MODES } from '../../core/results/schema.ts';
import { markdownTable } from '../../core/text/markdown.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { OWN_CHECKS } from '../../target/gate/own-checks.ts';
import { code } from './blocks.ts';

const STATE: Readonly<Record<ArmInfo['serverState'], string>> = {
  none: 'none',
  redis: 'in Redis',
  process: 'in the process',
  issuer: 'in the authorization server',
  file: 'in a file of all replicas',
  database: 'in PostgreSQL',
};

/** `70 s`, `5.5 min`, `46 min`. */
function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  const minutes = seconds / 60;
  return `${minutes < 10 ? Math.round(2 * minutes) / 2 : Math.round(minutes)} min`;
}

/** How long a revoked credential stays valid, as the arm declares. */
function revocationText({ revocation, baseline }: ArmInfo): string {
  if (baseline) return '–';
  if (revocation === 'at-once') return 'at once';
  if (revocation === 'at-expiry') return 'at expiry';
  return `within ${duration(revocation.withinMs / 1000)}`;
}

function commandsText({ redisCommandsPerRequest, redisCommandsAreAtMost }: ArmInfo): string {
  return `${redisCommandsAreAtMost ? 'at most ' : ''}${redisCommandsPerRequest}`;
}

export function armsTable(arms: readonly ArmInfo[]): string {
  return markdownTable(
    ['arm', 'scheme', 'server state', 'Redis commands', 'revoked'],
    arms.map((arm) => [code(arm.name), arm.title, STATE[arm.serverState], commandsText(arm), revocationText(arm)]),
  );
}

export function experimentsTable(experiments: readonly Experiment[]): string {
  const total = (of: readonly Experiment[], profile: 'quick' | 'full') =>
    duration(of.reduce((sum, { seconds }) => sum + seconds[profile], 0));
  const inQuickText = ({ inQuick, seconds: { quick }, namedSeconds = quick }: Experiment) => {
    if (!inQuick) return `by name, ${duration(quick)}`;
    return namedSeconds === quick ? duration(quick) : `${duration(quick)}; by name, ${duration(namedSeconds)}`;
  };
  const rows = experiments.map((experiment) => [
    code(experiment.name),
    experiment.question,
    inQuickText(experiment),
    duration(experiment.seconds.full),
  ]);
  const quick = experiments.filter(({ inQuick }) => inQuick);
  return markdownTable(
    ['experiment', 'question', 'quick', 'full'],
    [...rows, ['', 'all of the profile', total(quick, 'quick'), total(experiments, 'full')]],
  );
}

function amountText(amount: Amount | Quantity): string {
  if (typeof amount === 'string') return code(amount);
  const { sum, by, times, dividedBy } = amount;
  return [
    sum.map(code).join(' + '),
    ...(by === undefined ? [] : [`× ${code(by)}`]),
    ...(times === undefined ? [] : [`× ${times}`]),
    ...(dividedBy === undefined ? [] : [`/ ${dividedBy}`]),
  ].join(' ');
}

const quotientText = ({ numerator, denominator }: Quotient) => `${amountText(numerator)} ÷ ${amountText(denominator)}`;

/** The formula of a metric in measures of slices; empty if there is none. */
function formulaOf({ quotient, paired }: MetricInfo): string {
  if (quotient !== undefined) return quotientText(quotient);
  return paired === undefined ? '' : `paired ${paired.as} of ${code(paired.of)}`;
}

export function metricsTable(): string {
  const rows = Object.entries<MetricInfo>(METRICS).map(([name, info]) => [
    code(name),
    info.unit,
    info.better,
    info.meaning,
    formulaOf(info),
  ]);
  return markdownTable(['metric', 'unit', 'better', 'meaning', 'computed as'], rows);
}

export function factorsTable(): string {
  return markdownTable(
    ['factor', 'meaning'],
    Object.entries(FACTORS).map(([name, meaning]) => [code(name), meaning]),
  );
}

export function modesTable(): string {
  const rows = Object.entries(SLICE_MODES).map(([name, meaning]) => [code(name), meaning]);
  return markdownTable(['`mode`', 'what was done'], rows);
}

export function measuresTable(): string {
  const rows = Object.entries(MEASURES).map(([name, { unit, over, meaning }]) => [code(name), unit, over, meaning]);
  return markdownTable(['measure', 'unit', 'over', 'meaning'], rows);
}

export function flagsTable(): string {
  const rows = Object.entries(FLAGS).map(([name, { title, advice }]) => [code(name), title, advice]);
  return markdownTable(['flag', 'shown as', 'meaning and advice'], rows);
}

/** Every security check by its number: those of the arms, and those only for services. */
export function checksTable(): string {
  const rows = [...CHECKS, ...OWN_CHECKS]
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, name, quick, refs }) => [String(id), name, quick ? 'yes' : '', refs.join(', ')]);
  return markdownTable(['check', 'what it proves', 'before each run', 'sources'], rows);
}
