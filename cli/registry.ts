/** Every command, in the order in which `npm run tollgate` lists them within their groups. */
import type { CommandEntry } from './command.ts';

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'bench',
    group: 'Measure',
    summary: 'Measure what each way to authenticate costs, and write a report.',
    load: async () => (await import('./commands/bench.ts')).bench,
  },
  {
    name: 'micro',
    group: 'Measure',
    summary: 'Time the primitives of each hot path alone: verify, sign, unsign, Redis GET, JSON.parse.',
    load: async () => (await import('./commands/micro.ts')).micro,
  },
  {
    name: 'target',
    group: 'Measure',
    summary: 'Check and measure a service of your own, as service.json describes it.',
    load: async () => (await import('./commands/target.ts')).target,
  },
  {
    name: 'gate',
    group: 'Check security',
    summary: 'Run the security checks against every arm.',
    load: async () => (await import('./commands/gate.ts')).gate,
  },
  {
    name: 'fuzz',
    group: 'Check security',
    summary: 'Send malformed and oversized requests to a replica of every arm.',
    load: async () => (await import('./commands/fuzz.ts')).fuzzArms,
  },
  {
    name: 'compare',
    group: 'Find regressions',
    summary: 'Run two versions of the servers side by side and say what got slower.',
    load: async () => (await import('./commands/compare.ts')).compare,
  },
  {
    name: 'bisect',
    group: 'Find regressions',
    summary: 'Find the commit that made an arm slower.',
    load: async () => (await import('./commands/bisect.ts')).bisect,
  },
  {
    name: 'history',
    group: 'Find regressions',
    summary: 'Keep the figures of runs, draw their trends, and say when a level changed.',
    load: async () => (await import('./commands/history.ts')).history,
  },
  {
    name: 'report',
    group: 'Read results',
    summary: 'Rebuild the figures and the report of a run from its journal, or lay several runs side by side.',
    load: async () => (await import('./commands/report.ts')).report,
  },
  {
    name: 'claims',
    group: 'Read results',
    summary: 'Judge each claim of the debate by the figures of a run.',
    load: async () => (await import('./commands/claims.ts')).claims,
  },
  {
    name: 'advise',
    group: 'Read results',
    summary: 'Say which arms meet given needs, which costs least, and what would change that.',
    load: async () => (await import('./commands/advise.ts')).adviseCommand,
  },
  {
    name: 'sample',
    group: 'Read results',
    summary: 'Make a run the sample report that the repository shows.',
    load: async () => (await import('./commands/upkeep/sample.ts')).sample,
  },
  {
    name: 'reference',
    group: 'Read results',
    summary: 'Make a full run the reference for what the run of a reader did not measure.',
    load: async () => (await import('./commands/upkeep/reference.ts')).reference,
  },
  {
    name: 'calibrate',
    group: 'Check Tollgate',
    summary: 'Drive servers of known behaviour and say how far the load generators are from the truth.',
    load: async () => (await import('./commands/calibrate.ts')).calibrate,
  },
  {
    name: 'aa',
    group: 'Check Tollgate',
    summary: 'Count how often compare calls identical servers slower, and how often it misses a known slowdown.',
    load: async () => (await import('./commands/aa.ts')).aa,
  },
  {
    name: 'truth',
    group: 'Check Tollgate',
    summary: 'Hold statistics, models and verifiers against what others published, and print the score card.',
    load: async () => (await import('./commands/truth.ts')).truth,
  },
  {
    name: 'precision',
    group: 'Check Tollgate',
    summary: 'Say how narrow and how true the toll is, in this build and in an older one, beside the targets.',
    load: async () => (await import('./commands/precision.ts')).precision,
  },
  {
    name: 'bench:wrk',
    group: 'Check Tollgate',
    summary: 'Compare the throughput of the closed loop with that of wrk.',
    load: async () => (await import('./commands/bench-wrk.ts')).benchWrk,
  },
  {
    name: 'bench:model',
    group: 'Check Tollgate',
    summary: 'Time the capacity model, the queueing network and its simulation.',
    load: async () => (await import('./commands/bench-model.ts')).benchModel,
  },
  {
    name: 'setup',
    group: 'Prepare',
    summary: 'Install the programs that Tollgate needs beside its packages.',
    load: async () => (await import('./commands/setup.ts')).setup,
  },
  {
    name: 'docs',
    group: 'Prepare',
    summary: 'Write the generated parts of the documentation again.',
    load: async () => (await import('./commands/upkeep/docs.ts')).docs,
  },
  {
    name: 'secrets',
    group: 'Prepare',
    summary: 'Make the keys, users and passwords for replicas in containers.',
    load: async () => (await import('./commands/upkeep/secrets.ts')).secrets,
  },
];
