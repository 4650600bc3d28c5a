/** Sums of a run for Prometheus: updated with each line of the journal, and read at each scrape. */
import { LatencyHistogram } from '../../core/results/histogram.ts';
import { progressOf } from '../../core/results/live/progress.ts';
import { RunTally } from '../../core/results/live/tally.ts';
import type { JournalLine, Slice } from '../../core/results/schema.ts';
import type { RunState } from './run-metrics.ts';

export class RunCollector {
  readonly #tally = new RunTally();
  readonly #latencies = new Map<string, LatencyHistogram>();
  readonly #hiccupMs = new Map<string, number>();
  readonly #expected: readonly { readonly name: string; readonly seconds: number }[];

  /** @param expected the experiments of the run, with their planned seconds */
  constructor(expected: readonly { readonly name: string; readonly seconds: number }[]) {
    this.#expected = expected;
  }

  add(line: JournalLine): void {
    this.#tally.add(line);
    if (line.kind === 'slice' && line.mode !== 'warm-up') this.#addHistograms(line);
  }

  state(): RunState {
    const { user, system } = process.cpuUsage();
    return {
      tally: this.#tally,
      progress: progressOf(this.#tally, this.#expected, Date.now()),
      latencies: this.#latencies,
      hiccupMs: this.#hiccupMs,
      harnessCpuSeconds: (user + system) / 1e6,
    };
  }

  #addHistograms({ experiment, arm, histograms = {} }: Slice): void {
    const { corrected, machine } = histograms;
    if (corrected !== undefined && arm !== null) {
      const key = `${experiment} ${arm}`;
      const sum = this.#latencies.get(key) ?? LatencyHistogram.empty();
      sum.add(LatencyHistogram.decode(corrected));
      this.#latencies.set(key, sum);
    }
    if (machine !== undefined) {
      const ms = LatencyHistogram.decode(machine).maxMicros / 1000;
      this.#hiccupMs.set(experiment, Math.max(this.#hiccupMs.get(experiment) ?? 0, ms));
    }
  }
}
