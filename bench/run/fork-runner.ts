/** Fresh starts: every process of a fork is started for it and stopped after it, whatever happens in between. */

import { afterEnding, thenEnding } from '../../core/errors.ts';
import type { JournalWriter } from '../../core/results/journal.ts';
import type { ForkEnded } from '../../core/results/schema.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import type { Fleet, FleetEnvironment, FleetSpec } from '../fleet/fleet.ts';
import { startFleets } from '../fleet/start.ts';
import type { HostBench } from '../hosts/measuring/bench.ts';
import { type Generator, startGenerator } from '../load/generator.ts';
import type { RunningFork } from '../measuring/experiment.ts';
import type { Janitor } from '../processes/janitor.ts';
import { Isolation } from './isolation.ts';

export interface ForkRunnerOptions {
  readonly janitor: Janitor;
  readonly journal: JournalWriter;
  readonly signal: AbortSignal;
  /** Set if servers and generators are on other hosts. */
  readonly hosts?: HostBench | null;
}

/** What a reader has to know about an experiment whose processes could not be pinned. */
const NOT_APART = {
  setApart: 'the load generator had no dedicated core, so throughput and latencies include its own waiting time',
  setServersApart: 'servers had no dedicated core, so the load generator and the stores may slow them down',
} as const;
type Apart = Readonly<Record<keyof typeof NOT_APART, () => boolean>>;

/** Points in time in ms; null for those that were not reached. */
interface ForkMoments {
  readonly started: number;
  readonly readyMs: number | null;
  readonly loadMs: number | null;
  readonly endMs: number | null;
  readonly stopped: number;
}

function secondsOf({ started, readyMs, loadMs, endMs, stopped }: ForkMoments): ForkEnded['seconds'] | null {
  if (readyMs === null || endMs === null) return null;
  return {
    start: (readyMs - started) / 1000,
    ...(loadMs === null ? {} : { warmUp: (loadMs - readyMs) / 1000 }),
    load: (endMs - (loadMs ?? readyMs)) / 1000,
    end: (stopped - endMs) / 1000,
  };
}

export class ForkRunner {
  readonly #options: ForkRunnerOptions;
  readonly #environment: Omit<FleetEnvironment, 'onDeath'>;
  readonly #isolation = new Isolation();
  /** What the run has already noted. */
  readonly #noted = new Set<string>();
  /** Kept between forks: it is not measured itself, and it costs less when warm. */
  #generator: Generator | null = null;

  constructor(options: ForkRunnerOptions, environment: Omit<FleetEnvironment, 'onDeath'>) {
    this.#options = options;
    this.#environment = environment;
  }

  /** Starts fleets and a generator, runs `body`, and always stops them. @throws the first failure */
  async run(
    experiment: string,
    fork: number,
    specs: readonly FleetSpec[],
    body: (running: RunningFork) => Promise<void>,
  ) {
    const { janitor, journal, signal, hosts = null } = this.#options;
    const started = performance.now();
    if (hosts?.hosts.lost) throw hosts.hosts.lost;
    await hosts?.hosts.compareClocks();
    this.#generator ??= hosts === null ? startGenerator(janitor) : await hosts.startGenerator();
    const generator = this.#generator;
    const clock = { readyMs: null as number | null, loadMs: null as number | null, endMs: null as number | null };
    let fleets: readonly Fleet[] = [];
    let death = null as Error | null;
    const environment: FleetEnvironment = {
      ...this.#environment,
      onDeath: (error) => {
        death ??= error;
        generator.fail(error);
      },
    };
    const forget = hosts?.hosts.onLoss(environment.onDeath);
    const interrupt = () => generator.fail(new Error('interrupted'));
    signal.addEventListener('abort', interrupt, { once: true });
    const measure = async () => {
      try {
        fleets = await startFleets(environment, specs);
        if (signal.aborted) return;
        clock.readyMs = performance.now();
        journal.append({
          kind: 'fork',
          experiment,
          fork,
          at: new Date().toISOString(),
          startupMs: clock.readyMs - started,
          processes:
            1 +
            fleets.reduce(
              (sum, { replicas, redis, companions = [], balancer }) =>
                sum + replicas.length + (redis ? 1 : 0) + companions.length + (balancer?.processes.length ?? 0),
              0,
            ),
        });
        const tools = hosts ?? this.#here(generator, fleets);
        await body({
          fork,
          fleets,
          generator,
          ...tools,
          setApart: this.#orNoted(experiment, tools, 'setApart'),
          setServersApart: this.#orNoted(experiment, tools, 'setServersApart'),
          loadBegins: () => {
            clock.loadMs ??= performance.now();
          },
        });
        clock.endMs = performance.now();
      } catch (error) {
        // They may still be busy with the failed work, or be the cause of the failure.
        this.#generator = null;
        // The death of a replica is the cause; failures that follow from it are not.
        const cause = await afterEnding(death ?? error, () =>
          stopInOrder([[generator, { stop: () => this.#isolation.end() }]]),
        );
        // A user's interruption takes precedence over both.
        if (!signal.aborted) throw cause;
      }
    };
    const end = async () => {
      signal.removeEventListener('abort', interrupt);
      forget?.();
      this.#isolation.setTogether(generator);
      if (signal.aborted || this.#generator === null) await generator.stop();
      else await generator.ask('open', []).catch(() => {});
      // A server that ended after the last request invalidates no figure, but the generator was told, and would fail from then on.
      await thenEnding(
        () => stopInOrder([fleets]),
        async () => {
          if (death === null) return;
          this.#generator = null;
          await generator.stop();
        },
      );
      // A failed fork has no record of its time.
      const seconds = secondsOf({ started, ...clock, stopped: performance.now() });
      if (seconds !== null) journal.append({ kind: 'fork-ended', experiment, fork, seconds });
      journal.flush();
    };
    await thenEnding(measure, end);
  }

  #here(generator: Generator, fleets: readonly Fleet[]) {
    return {
      meter: () => this.#isolation.meter(),
      open: () => this.#isolation.open(),
      setApart: () => this.#isolation.setApart(generator, fleets),
      setServersApart: () => this.#isolation.setServersApart(generator, fleets),
    };
  }

  /** Notes once per experiment that its processes could not be pinned, at whatever fork that was. */
  #orNoted(experiment: string, tools: Apart, kind: keyof Apart): () => void {
    return () => {
      const text = `${experiment}: ${NOT_APART[kind]}`;
      if (tools[kind]() || this.#noted.has(text)) return;
      this.#noted.add(text);
      this.#options.journal.append({ kind: 'note', text });
    };
  }

  /** Stops everything that the forks shared. */
  async close(): Promise<void> {
    const generator = this.#generator;
    this.#generator = null;
    const { hosts } = this.#options;
    await stopInOrder([[generator], [{ stop: async () => hosts?.end() }], [{ stop: () => this.#isolation.end() }]]);
  }
}
