/** Every way in which a figure may deserve less trust. One list, so that nothing is flagged with a word of its own. */

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
      'The arm does not keep a promise that it makes, so what it costs is not the cost of that promise. It was timed because --unsafe was given. See gate.json, or npm run gate.',
  },
  'generator-saturated': {
    title: 'generator saturated',
    advice:
      'The load generator had no CPU time or event loop to spare, so the figure may be its limit and not the server’s. Use fewer connections, more generator processes, or smaller CPU shares for the replicas.',
  },
  oversubscribed: {
    title: 'more busy processes than cores',
    advice:
      'Busy processes shared cores, so throughput and latency include waiting for each other. CPU time per request is still right. Use fewer replicas or smaller CPU shares.',
  },
  'rate-missed': {
    title: 'asked rate not reached',
    advice: 'Fewer than 99 % of the asked requests were sent in time. Lower the rate.',
  },
  'unexpected-responses': {
    title: 'unexpected responses',
    advice:
      'Some responses were errors, or had another status or body than the contract asks. They are cheaper or dearer than real ones: read the statuses in the journal before believing the figure.',
  },
  'interval-wide': {
    title: 'interval too wide',
    advice: 'The budget ended before the interval was as narrow as asked. Give more --budget, or a quieter machine.',
  },
  unpaired: {
    title: 'not paired with the baseline',
    advice: 'The baseline was not measured in the same blocks, so the machine’s drift is inside the figure.',
  },
  'machine-drift': {
    title: 'machine drifted',
    advice:
      'The baseline itself changed by more than a quarter between blocks. Ratios are paired and stay right; absolute values belong to no steady machine.',
  },
  'machine-stalled': {
    title: 'machine stalled',
    advice:
      'The hiccup meter saw the machine itself stop for longer than 10 ms in this slice: the tail of latency is the machine’s.',
  },
  'cpu-stolen': {
    title: 'CPU time stolen',
    advice: 'The hypervisor gave more than 2 % of the CPU time to others. Repeat on a quieter host.',
  },
  'redis-shared': {
    title: 'Redis is not ours alone',
    advice:
      'Others may use the same Redis, so its CPU time and command counts hold their traffic too. Unset REDIS_URL to let Tollgate start its own.',
  },
  'calibration-missing': {
    title: 'not calibrated',
    advice:
      'No fresh calibration of this machine and version was found, so nothing here shows how far the load generators are from the truth. Run npm run calibrate.',
  },
  'calibration-failed': {
    title: 'calibration failed',
    advice: 'The last calibration of this machine missed its targets. See npm run calibrate.',
  },
  'no-cpu-shares': {
    title: 'no CPU shares',
    advice:
      'No cgroup could be written, so replicas compete for the same cores and adding one adds little. Run as root, in a delegated scope, or with docker compose; or read the scaling from the model.',
  },
  'capacity-disagrees': {
    title: 'throughput and CPU disagree',
    advice:
      'The throughput that the CPU time per request allows differs from the measured one by more than 15 %: something other than the replicas’ CPU share set the limit.',
  },
  'one-fork': {
    title: 'one start only',
    advice:
      'All blocks came from one start of the processes, and a JIT settles differently at each start. The interval does not hold that difference. Give more --budget.',
  },
  'cpu-from-inside': {
    title: 'CPU time read from inside',
    advice: 'No /proc here: CPU time came from the process’s own counter, which is coarser.',
  },
  'search-ended': {
    title: 'no limit met',
    advice: 'The search ended before it met the limit: the true value is higher, or there is no limit.',
  },
  'declaration-broken': {
    title: 'not as declared',
    advice:
      'The arm did not behave as it declares: a revoked credential outlived its bound, an outage of Redis was survived where none should be, or not where it should, or a request cost other Redis commands than declared. Mend the arm or its declaration.',
  },
  'still-broken': {
    title: 'not over when the watch ended',
    advice:
      'The watch ended before what was waited for had happened, so the figure is a lower bound. Use --profile full, or a larger --budget.',
  },
} as const satisfies Record<string, FlagInfo>;

export type Flag = keyof typeof FLAGS;
export const FLAG_NAMES = Object.keys(FLAGS) as Flag[];
