/** A note for the reader about figures with a balancer. */
import type { ExperimentContext } from './experiment.ts';

/** Notes it if requests go through a balancer. */
export function noteBalancer(
  experiment: string,
  { balancer, note }: Pick<ExperimentContext, 'balancer' | 'note'>,
): void {
  if (balancer === undefined) return;
  const { choice, processes } = balancer;
  const how = `${choice.replace('-', ' ')}, ${processes === 1 ? 'one process' : `${processes} processes`} for each arm`;
  note(
    `${experiment}: a balancer stands between the load generators and the replicas (${how}); throughput and latency include it, and its CPU time is in balancer_cpu_us_per_request, not part of any arm’s cost`,
  );
}
