/** Every reason to trust a figure less. One list, so that each reason has one name. */

export interface FlagInfo {
  /** A few words, shown beside the figure. */
  readonly title: string;
  /** What it means for the figure, and what to do about it. */
  readonly advice: string;
}

export const FLAGS = {
  'gate-failed': {
    title: 'failed a security check',
    advice:
      'The arm breaks a promise that it makes, so its cost is not the cost of keeping it. It was measured because --unsafe was given. See gate.json, or run npm run gate.',
  },
  'generator-saturated': {
    title: 'load generator saturated',
    advice:
      'The load generator ran short of CPU time, so the figure may show its limit and not the server’s. Use fewer connections, more generator processes, or smaller CPU shares for the replicas.',
  },
  'sent-late': {
    title: 'requests sent late',
    advice:
      'The load generator itself sent requests more than 1 ms late: at least half as many as lie beyond this quantile. The latency there may be its own. Lower quantiles of the same load still hold. Lower the rate, or leave the load generator a core of its own.',
  },
  'beyond-capacity': {
    title: 'load beyond capacity',
    advice:
      'In some slices the server was busy all the time, so that its queue grew for as long as they lasted. Where other slices were within capacity, the figure is made from those. Measure longer, or at a lower load.',
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
      'Some responses were errors, or had a status or body other than the contract requires. They do not cost what correct responses cost: check the statuses in the journal before trusting the figure.',
  },
  'interval-wide': {
    title: 'interval too wide',
    advice:
      'The time budget ran out before the interval was as narrow as intended. Give more time, such as --budget 10m, or use a quieter machine.',
  },
  unpaired: {
    title: 'not paired with the baseline',
    advice: 'The baseline was not measured in the same blocks, so any drift of the machine is part of the figure.',
  },
  'machine-drift': {
    title: 'machine drifted',
    advice:
      'The machine changed its speed: the baseline’s time per request differed by more than a quarter between blocks. A ratio compares arm and baseline in the same blocks, so it still holds; a time in µs is an average over fast and slow moments.',
  },
  'machine-stalled': {
    title: 'machine stalled',
    advice:
      'The hiccup meter saw the machine itself stop for longer than 10 ms during this measurement, so the tail of the latency is the machine’s.',
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
      'Warm-up ended, by its count or its time, while V8 still optimised the code or its cost still fell. A server that is not warm is slower, and its costs include compiling. Give more time, such as --budget 10m, or use a quieter machine.',
  },
  'warm-up-unchecked': {
    title: 'warm-up not checked',
    advice:
      'The CPU time of threads cannot be read here, so warm-up ended after a fixed number of requests, warm or not. Run it on Linux with a readable /proc.',
  },
  'cpu-from-inside': {
    title: 'CPU time read from inside',
    advice:
      'This system has no /proc, or hides processes in it, so CPU time came from the process’s own counter. That includes the work of being asked for it.',
  },
  'one-core': {
    title: 'one core only',
    advice:
      'The load generator, the servers and Redis shared a single core. Servers then pay for waking a sleeping client, caches hold everybody’s data, and throughput and latency contain waiting for the core. Use two cores or more.',
  },
  'cpu-quota': {
    title: 'CPU time limited',
    advice:
      'The control group of the run, or one around it, has a CPU quota, as in a container. All processes stop when it is used up: throughput and latency show the quota. CPU time per request is still valid, but caches may be cold after a stop. Raise the limit.',
  },
  'cpu-throttled': {
    title: 'stopped by a CPU quota',
    advice:
      'The quota of the control group was used up during the run, and all its processes stood still until the next period. The environment says how often. Throughput and latency show the quota. Raise the limit.',
  },
  'memory-limit': {
    title: 'memory limited',
    advice:
      'The control group of the run has a memory limit below the machine’s memory, as in a container. Node sizes its heap by it, so garbage collection may cost more than without it. Compare with runs under the same limit.',
  },
  'unequal-cores': {
    title: 'unequal cores',
    advice:
      'The cores are of several kinds, and the run could not be kept to one, so the same work costs more on some of them. Use taskset to choose cores of one kind.',
  },
  'cpu-account-incomplete': {
    title: 'CPU account incomplete',
    advice:
      'Threads or processes ended during the measurement and took their CPU accounts with them, so CPU time came from a complete but coarser account: clock ticks of 10 ms, or the process’s own. Run as root or in a delegated cgroup: a control group accounts for all of them.',
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
      'Observation ended before the awaited change, such as recovery, so the figure is a lower bound. Use --profile full, or a larger --budget.',
  },
  'shards-differ': {
    title: 'shards differ',
    advice:
      'The run is merged, and its shards’ values differ by more than chance explains, or are times and rates of machines that are not alike. The figure is a mean over these machines that no single one of them need have. See shards.csv for the value of each.',
  },
  'shards-missing': {
    title: 'shards missing',
    advice:
      'The run is merged without some of its shards, or some of them were not finished. Figures rest on fewer fresh starts, and on fewer machines where these differ. Measure what is missing, and merge again.',
  },
  'balancer-saturated': {
    title: 'balancer saturated',
    advice:
      'A process of the balancer between generators and replicas took a core for itself, so throughput and latency show its limit and not the replicas’. CPU time per request is still valid. Give the balancer more processes, or a host with more cores.',
  },
} as const satisfies Record<string, FlagInfo>;

export type Flag = keyof typeof FLAGS;
export const FLAG_NAMES = Object.keys(FLAGS) as Flag[];
