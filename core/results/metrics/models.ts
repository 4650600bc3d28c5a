/** Results of models: of scaling, of queueing, and of the capacity that a load needs. */
import type { MetricInfo } from './metric-info.ts';

export const MODEL_METRICS = {
  usl_lambda_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'throughput of one replica in the fitted Universal Scalability Law',
  },
  usl_sigma: {
    unit: '',
    better: 'smaller',
    meaning: 'contention in the fitted Universal Scalability Law: the share of work that is serialised across replicas',
  },
  usl_kappa: {
    unit: '',
    better: 'smaller',
    meaning:
      'coherency in the fitted Universal Scalability Law: the cost of coordination between each pair of replicas',
  },
  usl_peak_replicas: {
    unit: 'replicas',
    better: 'bigger',
    meaning:
      'number of replicas at which throughput peaks in the fitted Universal Scalability Law; absent where κ may be 0',
  },
  model_throughput_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'throughput that a model predicts; the factor `model` names it',
  },
  prediction_error_pct: {
    unit: '%',
    better: 'smaller',
    meaning:
      'how far a model’s prediction is above (+) or below (−) the measured value, at points excluded from its fit',
  },
  needed_replicas: {
    unit: 'cores',
    better: 'smaller',
    meaning:
      'number of single-core replicas that a load would need at the given utilisation, not rounded up; extrapolated from service demands',
  },
  needed_redis_cores: {
    unit: 'cores',
    better: 'smaller',
    meaning:
      'cores that Redis would need for a load at the given utilisation, not rounded up; extrapolated from service demands',
  },
  needed_redis_nodes: {
    unit: 'nodes',
    better: 'smaller',
    meaning:
      'whole Redis processes of 16 GB that a load and its sessions would need, by CPU time or memory; extrapolated',
  },
  needed_redis_bytes: {
    unit: 'B',
    better: 'smaller',
    meaning: 'bytes that the live sessions would take in Redis; extrapolated',
  },
  wire_bytes_per_second: {
    unit: 'B/s',
    better: 'smaller',
    meaning: 'bytes of requests and responses a second between clients and replicas; extrapolated',
  },
  one_redis_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'load above which one Redis exceeds the given utilisation and a cluster is needed; extrapolated',
  },
  core_over_token_rps: {
    unit: 'req/s',
    better: 'neither',
    meaning: 'load above which the arm needs one more core than the cheapest token; extrapolated',
  },
  redis_wall_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'throughput at which one Redis, or its share of a core, saturates: measured, or from the model',
  },
  redis_wall_replicas: {
    unit: 'replicas',
    better: 'bigger',
    meaning: 'number of replicas that saturate Redis, each with the same CPU time as Redis',
  },
  simulation_gap_pct: {
    unit: '%',
    better: 'smaller',
    meaning:
      'difference of the throughput of the simulated queueing network from its exact solution; its interval covers the simulation only',
  },
  model_latency_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'latency at a quantile in the simulated queueing network, which has no machine stalls; its interval covers the simulation only',
  },
} as const satisfies Record<string, MetricInfo>;
