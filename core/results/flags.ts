/** All reasons to trust a figure less, in one list, so that each has one name. */

export interface FlagInfo {
  /** A few words, shown next to the figure. */
  readonly title: string;
  /** What it means for the figure, and what to do about it. */
  readonly advice: string;
}

export const FLAGS = {
  'gate-failed': {
    title: 'failed a security check',
    advice:
      'The arm does not keep its promises, so its cost is not that of a correct implementation. It was measured because --unsafe was given. See gate.json, or run npm run gate.',
  },
  'generator-saturated': {
    title: 'load generator saturated',
    advice:
      'The load generator ran short of CPU time, so the figure may show its limit and not the server’s. Use fewer connections, more generator processes, or smaller CPU shares for the replicas.',
  },
  'sent-late': {
    title: 'requests sent late',
    advice:
      'The load generator sent requests more than 1 ms late: at least half as many as lie beyond this quantile, so the latency may be its own. Lower quantiles of the same load are still valid. Lower the rate, or give the load generator a dedicated core.',
  },
  'beyond-capacity': {
    title: 'load beyond capacity',
    advice:
      'In some slices the server was saturated, so its queue kept growing. If other slices were within capacity, the figure uses only those. Measure longer, or at a lower load.',
  },
  oversubscribed: {
    title: 'more busy processes than cores',
    advice:
      'Busy processes shared cores, so throughput and latency include time spent waiting for a core. CPU time per request is still valid. Use fewer replicas or smaller CPU shares.',
  },
  'rate-missed': {
    title: 'target rate missed',
    advice: 'Fewer than 99 % of the scheduled requests were sent on time. Lower the rate.',
  },
  'unexpected-responses': {
    title: 'unexpected responses',
    advice:
      'Some responses were errors, or had a status or body other than the contract requires. Their cost differs from that of correct responses: check the statuses in the journal before trusting the figure.',
  },
  'interval-wide': {
    title: 'interval too wide',
    advice:
      'The time budget ran out before the interval was narrow enough. Use a larger budget, such as --budget 10m, or a quieter machine.',
  },
  unpaired: {
    title: 'not paired with the baseline',
    advice: 'The baseline was not measured in the same blocks, so the figure includes any drift of the machine.',
  },
  'machine-drift': {
    title: 'machine drifted',
    advice:
      'The machine changed its speed: the baseline’s time per request differed by more than a quarter between blocks. A ratio compares arm and baseline in the same blocks, so it is still valid; a time in µs is an average over fast and slow periods.',
  },
  'machine-stalled': {
    title: 'machine stalled',
    advice:
      'The machine itself stalled for more than 10 ms during this measurement, so the tail of the latency includes the stall.',
  },
  'cpu-stolen': {
    title: 'CPU time stolen',
    advice: 'The hypervisor gave more than 2 % of the CPU time to other guests. Repeat on a quieter host.',
  },
  'redis-shared': {
    title: 'Redis shared with others',
    advice:
      'Other clients may use the same Redis, so its CPU time and command counts may include their traffic. Unset REDIS_URL to let Tollgate start its own.',
  },
  'calibration-missing': {
    title: 'not calibrated',
    advice:
      'No recent calibration of this machine and version was found, so the accuracy of the programs that send the requests is unknown. Run npm run calibrate.',
  },
  'calibration-failed': {
    title: 'calibration failed',
    advice: 'The last calibration of this machine missed its targets. Run npm run calibrate for details.',
  },
  'no-cpu-shares': {
    title: 'no CPU shares',
    advice:
      'No cgroup could be written, so replicas compete for the same cores and adding one adds little throughput. Run as root, in a delegated scope, or with docker compose; or use the scaling figures of the model.',
  },
  'capacity-disagrees': {
    title: 'throughput and CPU disagree',
    advice:
      'The measured throughput differs by more than 15 % from what the CPU time per request allows: something other than the replicas’ CPU share was the limit.',
  },
  'one-fork': {
    title: 'one fresh start only',
    advice:
      'All blocks came from a single start of the processes, but the JIT compiler optimises differently at each start. The interval does not include that variation. Give more time, such as --budget 10m.',
  },
  'not-warm': {
    title: 'not warm',
    advice:
      'Warm-up reached its limit while V8 was still optimising or the cost was still falling. A server that is not warm is slower, and its cost includes compilation. Use a larger budget, such as --budget 10m, or a quieter machine.',
  },
  'warm-up-unchecked': {
    title: 'warm-up not checked',
    advice:
      'The CPU time of threads cannot be read here, so warm-up ended after a fixed number of requests, whether warm or not. Run it on Linux with a readable /proc.',
  },
  'cpu-from-inside': {
    title: 'CPU time read from inside',
    advice:
      'This system has no /proc, or hides processes in it, so CPU time came from the process’s own counter. That includes the cost of reading it.',
  },
  'one-core': {
    title: 'one core only',
    advice:
      'The load generator, the servers and Redis shared a single core. Servers then pay for waking a sleeping client, all processes share the caches, and throughput and latency include time spent waiting for the core. Use two cores or more.',
  },
  'client-sleeps': {
    title: 'load generator sleeps',
    advice:
      'A CPU quota leaves one core or less, so the load generator sleeps until a response arrives instead of polling for it. Servers then pay for waking it, up to a third of their CPU time, and arms differ in how often they do: ratios move towards 1. Raise the limit above one core.',
  },
  'cpu-quota': {
    title: 'CPU time limited',
    advice:
      'The control group of the run, or one around it, has a CPU quota, as in a container. All processes are throttled when it is used up, so throughput and latency reflect the quota. CPU time per request is still valid above one core, but caches may be cold after throttling. Raise the limit.',
  },
  'cpu-throttled': {
    title: 'throttled by a CPU quota',
    advice:
      'The quota of the control group was used up during the run, and all its processes were throttled until the next period. The environment section shows how often. Throughput and latency reflect the quota. Raise the limit.',
  },
  'memory-limit': {
    title: 'memory limited',
    advice:
      'The control group of the run has a memory limit below the machine’s memory, as in a container. Node sizes its heap accordingly, so garbage collection may cost more than without the limit. Compare only with runs under the same limit.',
  },
  'unequal-cores': {
    title: 'unequal cores',
    advice:
      'The machine has several kinds of cores, and the run could not be limited to one, so the same work costs more on some of them. Use taskset to choose cores of one kind.',
  },
  'cpu-account-incomplete': {
    title: 'CPU account incomplete',
    advice:
      'Threads or processes ended during the measurement and their CPU accounts were lost, so CPU time came from a complete but coarser source: clock ticks of 10 ms, or the process’s own counter. What was lost is charged to all requests alike. Run as root or in a delegated cgroup: a control group includes them.',
  },
  'search-ended': {
    title: 'no limit found',
    advice: 'The search ended before it found the limit: the true value is higher, or there is no limit.',
  },
  'declaration-broken': {
    title: 'not as declared',
    advice:
      'The arm did not behave as it declares: a revoked credential outlived its bound, an outage of Redis had a different effect, or a request sent a different number of Redis commands. Fix the arm or its declaration.',
  },
  'still-broken': {
    title: 'still failing when observation ended',
    advice:
      'Observation ended before the expected change, such as recovery, so the figure is a lower bound. Use --profile full, or a larger --budget.',
  },
  'shards-differ': {
    title: 'shards differ',
    advice:
      'The run was merged from shards whose values differ by more than chance explains, or that ran on different classes of machine. The figure is a mean over these machines, and may not match any one of them. See shards.csv for each value.',
  },
  'shards-missing': {
    title: 'shards missing',
    advice:
      'The run was merged with some shards missing or unfinished, so figures rest on fewer fresh starts, and on fewer machines if these differ. Measure the missing shards, and merge again.',
  },
  'balancer-saturated': {
    title: 'balancer saturated',
    advice:
      'A process of the load balancer used a whole core, so throughput and latency show its limit, not that of the replicas. CPU time per request is still valid. Give the balancer more processes, or a host with more cores.',
  },
  'step-short': {
    title: 'few slow requests in a step',
    advice:
      'At this rate, a step of 8 s holds fewer than ten requests beyond the percentile of the objective, so chance decides whether it is met. Ask for a lower percentile, such as p95.',
  },
} as const satisfies Record<string, FlagInfo>;

export type Flag = keyof typeof FLAGS;
export const FLAG_NAMES = Object.keys(FLAGS) as Flag[];
