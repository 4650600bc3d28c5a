/** Timelines and figures of `outage` in a run, by fault and variant of an arm. Shared by charts and details. */
import { ownValue } from '../../../core/own-value.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Timeline } from '../../../core/results/recorded/timeline.ts';
import type { Factors } from '../../../core/results/schema.ts';
import { type ArmFigure, figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';

export const FAULTS = [
  { name: 'redis-frozen', title: 'Redis frozen', when: 'While Redis was frozen' },
  { name: 'redis-killed', title: 'Redis killed', when: 'After Redis was killed' },
  {
    name: 'redis-restarted-empty',
    title: 'Redis killed and restarted empty',
    when: 'While Redis was down, until it restarted empty',
  },
  {
    name: 'redis-restarted-with-data',
    title: 'Redis killed and restarted with its data',
    when: 'While Redis was down, until it restarted with its data',
  },
  {
    name: 'redis-gone-briefly',
    title: 'Redis killed and immediately restarted with its data',
    when: 'While Redis was briefly down, until it was back with its data',
  },
  {
    name: 'companion-frozen',
    title: 'Authorization server or database frozen',
    when: 'While the authorization server or database was frozen',
  },
  {
    name: 'companion-killed',
    title: 'Authorization server or database killed',
    when: 'After the authorization server or database was killed',
  },
  {
    name: 'companion-restarted-empty',
    title: 'Authorization server or database killed and restarted empty',
    when: 'While the authorization server or database was down, until it restarted empty',
  },
  {
    name: 'replica-killed',
    title: 'One of two replicas killed and replaced',
    when: 'While one of two replicas was down',
  },
] as const;

/** Factors that mark a variant of an arm; the other factors describe the measurement. */
const OPTIONS: Readonly<Record<string, string>> = { defaults: 'defaults', 'fail-open': 'fail-open' };

/** `session-redis · defaults`: the arm, and the settings that differ from its deployment. */
export function variantName(arm: string, { redis_client, denylist }: Factors): string {
  const options = [redis_client, denylist].flatMap((level) => ownValue(OPTIONS, String(level)) ?? []);
  return [arm, ...options].join(' · ');
}

/** Variants in the order of the arms, each arm as deployed first. */
export function variants(view: ReportView): { readonly name: string; readonly colour: string }[] {
  const names = new Map<string, string>();
  const own = Map.groupBy(
    view.run.figures.filter(({ experiment }) => experiment === 'outage'),
    ({ arm }) => arm,
  );
  for (const { name: arm, colour } of view.arms) {
    for (const { factors } of own.get(arm) ?? []) names.set(variantName(arm, factors), colour);
  }
  return [...names].map(([name, colour]) => ({ name, colour }));
}

export function outageFigures(view: ReportView, metric: Metric, factors: Factors): ArmFigure[] {
  return figuresOf(view.run, 'outage', metric)
    .filter(hasArm)
    .filter((figure) => Object.entries(factors).every(([name, level]) => figure.factors[name] === level));
}

export function ofVariant(figures: readonly ArmFigure[], variant: string): ArmFigure | null {
  return figures.find(({ arm, factors }) => variantName(arm, factors) === variant) ?? null;
}

export interface NamedTimeline {
  readonly name: string;
  readonly arm: string;
  readonly timeline: Timeline;
}

/** Timelines of guarded requests, in the order of the variants. */
export function timelines(view: ReportView, fault: string): NamedTimeline[] {
  const order = variants(view).map(({ name }) => name);
  const found = (view.run.timelines ?? []).flatMap(({ experiment, arm, factors, timeline }): NamedTimeline[] =>
    experiment === 'outage' && arm !== null && factors.fault === fault && factors.route === 'me'
      ? [{ name: variantName(arm, factors), arm, timeline }]
      : [],
  );
  return found.filter(({ name }) => order.includes(name)).sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}
