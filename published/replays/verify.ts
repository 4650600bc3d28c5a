/** Replays the benchmarks of token libraries: verifications per second, one algorithm against another. */
import { runMicro } from '../../bench/micro/client.ts';
import type { MicroSample } from '../../bench/micro/protocol.ts';
import { estimate } from '../../core/stats/estimate.ts';
import { type Pair, pairedRatio } from '../../core/stats/ratio.ts';
import type { Finding } from '../finding.ts';
import { finding, type Replay } from './replay.ts';

const BASE = 'hs256-verify';
const RATIOS = [
  ['rs256-over-hs256', 'rs256-verify'],
  ['es256-over-hs256', 'es256-verify'],
  ['cached-over-hs256', 'hs256-verify-cached'],
] as const;
const STARTS = 4;
const ROUNDS = 4;
const SECONDS_PER_TASK = 0.1;

/** Operations per second of CPU time, so that other processes of the machine do not count. */
const rate = ({ cpuUsPerOp }: MicroSample) => 1e6 / cpuUsPerOp;

/** @param starts the samples of each fresh start */
export function verifyFindings(starts: readonly (readonly MicroSample[])[], seed: number): Finding[] {
  const of = (samples: readonly MicroSample[], task: string) =>
    samples.filter((sample) => sample.task === task).toSorted((a, b) => a.round - b.round);
  const base = starts.map((samples) => of(samples, BASE).map(rate));
  return [
    finding('hs256-rate', estimate(base, { seed, statistic: 'geomean' })),
    ...RATIOS.map(([name, task]) => {
      const pairs = starts.map((samples, start): Pair[] =>
        of(samples, task).map((sample, round) => ({
          value: rate(sample),
          baseline: base[start]?.[round] ?? Number.NaN,
        })),
      );
      return finding(name, pairedRatio(pairs, { seed }));
    }),
  ];
}

export const verify: Replay = {
  name: 'verify',
  title: 'Verifying alone',
  method:
    `fast-jwt verifies tokens of this code, each of 512 in turn, in ${STARTS} fresh processes. In each of ${ROUNDS} rounds ` +
    'every algorithm has one turn, in random order, once V8 has stopped optimising it. The rate is the reciprocal of the CPU time of an operation.',
  seconds: 30,
  finds: ['hs256-rate', ...RATIOS.map(([name]) => name)],
  async run({ janitor, seed, signal, onStep }) {
    const starts: MicroSample[][] = [];
    for (let start = 0; start < STARTS; start++) {
      onStep(`verifying alone, fresh process ${start + 1} of ${STARTS}`);
      const samples: MicroSample[] = [];
      const options = {
        redisUrl: null,
        postgresUrl: null,
        keyPrefix: 'published:',
        secondsPerTask: SECONDS_PER_TASK,
        rounds: ROUNDS,
        seed: seed + start,
        tasks: [BASE, ...RATIOS.map(([, task]) => task)],
        signal,
        watch: (child: Parameters<typeof janitor.watch>[0]) => janitor.watch(child),
      };
      await runMicro(options, (sample) => samples.push(sample));
      starts.push(samples);
    }
    return verifyFindings(starts, seed);
  },
};
