/**
 * A run as a tree of spans: run, experiment, fresh start, block, and the arms in each block. Derived from the lines
 * of the journal as they are written, so it contains nothing that the journal does not.
 */
import type { Attributes, Context, Span } from '@opentelemetry/api';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { ExperimentEnded, JournalLine, Slice } from '../../core/results/schema.ts';
import type { Collector } from './collector.ts';

type Api = Pick<Collector, 'api' | 'tracer'>;
type ForkLine = Extract<JournalLine, { kind: 'fork' }>;

interface Opened {
  readonly span: Span;
  /** The context in which its children begin. */
  readonly within: Context;
}

export interface Traced {
  readonly runId: string;
  readonly config: Pick<RunConfig, 'profile' | 'seed' | 'experiments'>;
}

export class RunTrace {
  readonly #otel: Api;
  readonly #now: () => number;
  readonly #run: Opened;
  #experiment: (Opened & { readonly name: string }) | null = null;
  #fork: Opened | null = null;
  /** Slices of a block that may continue, with their end times. */
  #block: { readonly slice: Slice; readonly endMs: number }[] = [];

  /** @param now ms since 1970 */
  constructor(otel: Api, { runId, config }: Traced, now: () => number = Date.now) {
    this.#otel = otel;
    this.#now = now;
    this.#run = this.#open(otel.api.ROOT_CONTEXT, 'run', now(), {
      'tollgate.run_id': runId,
      'tollgate.profile': config.profile,
      'tollgate.seed': config.seed,
      'tollgate.experiments': [...config.experiments],
    });
  }

  add(line: JournalLine): void {
    switch (line.kind) {
      case 'gate':
        this.#closed(this.#run, 'security checks', this.#now() - 1000 * line.seconds, {
          'tollgate.failed_arms': [...line.failed],
        });
        return;
      case 'fork':
        this.#beginFork(line);
        return;
      case 'slice':
        this.#addSlice(line);
        return;
      case 'fork-ended':
        this.#endFork();
        return;
      case 'experiment-ended':
        this.#endExperiment(line);
        return;
      case 'run-ended':
        this.#run.span.setAttribute('tollgate.interrupted', line.interrupted);
        return;
      default:
    }
  }

  /** Ends all open spans. */
  end(): void {
    this.#endExperiment(null);
    this.#run.span.end(hrTime(this.#now()));
  }

  #beginFork({ experiment, fork, startupMs, processes }: ForkLine): void {
    this.#endFork();
    const readyMs = this.#now();
    const startMs = readyMs - startupMs;
    const attributes = { 'tollgate.fork': fork, 'tollgate.processes': processes };
    this.#fork = this.#open(this.#in(experiment, startMs).within, `start ${fork + 1}`, startMs, attributes);
    this.#closed(this.#fork, 'starting', startMs);
  }

  #addSlice(slice: Slice): void {
    const [first] = this.#block;
    const isSame =
      first !== undefined &&
      first.slice.experiment === slice.experiment &&
      first.slice.fork === slice.fork &&
      first.slice.block === slice.block;
    if (!isSame) this.#endBlock();
    this.#block.push({ slice, endMs: this.#now() });
  }

  /** Arms that took turns end together, each after its own turns, so a block begins with its longest slice. */
  #endBlock(): void {
    const slices = this.#block;
    this.#block = [];
    const [first] = slices;
    if (first === undefined) return;
    const startMs = Math.min(...slices.map(({ slice, endMs }) => endMs - slice.durationMs));
    const endMs = Math.max(...slices.map((one) => one.endMs));
    const experiment = this.#in(first.slice.experiment, startMs);
    const { within } = this.#fork ?? experiment;
    const { fork, block } = first.slice;
    const opened = this.#open(within, `block ${block + 1}`, startMs, {
      'tollgate.fork': fork,
      'tollgate.block': block,
    });
    for (const one of slices) {
      const name = one.slice.arm ?? one.slice.mode;
      this.#closed(opened, name, one.endMs - one.slice.durationMs, attributesOf(one.slice), one.endMs);
    }
    opened.span.end(hrTime(endMs));
  }

  #endFork(): void {
    this.#endBlock();
    this.#fork?.span.end(hrTime(this.#now()));
    this.#fork = null;
  }

  /** @param line null if the run was interrupted */
  #endExperiment(line: ExperimentEnded | null): void {
    this.#endFork();
    if (line !== null) this.#in(line.experiment, this.#now() - 1000 * line.seconds);
    const open = this.#experiment;
    this.#experiment = null;
    if (open === null) return;
    open.span.setAttribute('tollgate.stopped_by', line?.stoppedBy ?? 'broken off');
    if (line === null || line.error !== null) open.span.setStatus({ code: this.#otel.api.SpanStatusCode.ERROR });
    open.span.end(hrTime(this.#now()));
  }

  /** The span of an experiment, which begins with its first event. */
  #in(name: string, startMs: number): Opened {
    if (this.#experiment?.name === name) return this.#experiment;
    this.#experiment?.span.end(hrTime(this.#now()));
    this.#experiment = {
      name,
      ...this.#open(this.#run.within, `experiment ${name}`, startMs, { 'tollgate.experiment': name }),
    };
    return this.#experiment;
  }

  #open(within: Context, name: string, startMs: number, attributes: Attributes): Opened {
    const { api, tracer } = this.#otel;
    const span = tracer.startSpan(name, { startTime: hrTime(startMs), attributes }, within);
    return { span, within: api.trace.setSpan(within, span) };
  }

  #closed({ within }: Opened, name: string, startMs: number, attributes: Attributes = {}, endMs = this.#now()): void {
    const { tracer } = this.#otel;
    tracer.startSpan(name, { startTime: hrTime(startMs), attributes }, within).end(hrTime(endMs));
  }
}

/** A small plain number would be interpreted as a reading of `performance.now()`. */
function hrTime(ms: number): [seconds: number, nanos: number] {
  return [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
}

function attributesOf({ arm, mode, order, factors, requests, unexpected, failed, measures, flags }: Slice): Attributes {
  const of = Object.entries(factors).map(([name, level]) => [`tollgate.factor.${name}`, level]);
  return {
    ...(arm === null ? {} : { 'tollgate.arm': arm }),
    'tollgate.mode': mode,
    'tollgate.order': order,
    'tollgate.requests': requests,
    'tollgate.unexpected': unexpected,
    'tollgate.failed': failed,
    ...(measures.replica_cpu_ns === undefined ? {} : { 'tollgate.replica_cpu_ns': measures.replica_cpu_ns }),
    ...(measures.redis_cpu_ns === undefined ? {} : { 'tollgate.redis_cpu_ns': measures.redis_cpu_ns }),
    ...(flags.length === 0 ? {} : { 'tollgate.flags': [...flags] }),
    ...Object.fromEntries(of),
  };
}
