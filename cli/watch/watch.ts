/** Follows one run after another: its journal line by line, and its figures while somebody has the page open. */
import { progressOf } from '../../core/results/live/progress.ts';
import { RunTally } from '../../core/results/live/tally.ts';
import type { LiveState } from '../../reports/live/state.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { journalPath, shownFolder } from '../run-folder.ts';
import { expectedOf } from './expected.ts';
import { Figures } from './figures.ts';
import { JournalFollower, type Look } from './follower.ts';
import { newestRun } from './newest-run.ts';

/** The interval for polling the journal. */
const LOOK_MS = 1000;

export interface WatchOptions {
  /** The run to follow; null for the one in `results` that was written last. */
  readonly directory: string | null;
  /** The folder of all runs. */
  readonly results: string;
  /** All arms, because the time of an experiment depends on them. */
  readonly arms: readonly ArmInfo[];
  readonly everySeconds: number | null;
  /** Whether a page is open: figures are computed only then. */
  readonly isSeen: () => boolean;
  /** Called when data from the journal may have changed. */
  readonly onLook: () => void;
  readonly onFigures: () => void;
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #figures: Figures;
  readonly #startedMs = performance.now();
  readonly #startedCpu = process.cpuUsage();
  #folder: string | null;
  #follower: JournalFollower | null = null;
  #tally = new RunTally();
  #expected: readonly { readonly name: string; readonly seconds: number }[] = [];
  #fault: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #making: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#folder = options.directory;
    this.#figures = new Figures(options.everySeconds, () => options.onFigures());
    this.#tick();
  }

  get figures(): Figures {
    return this.#figures;
  }

  state(): LiveState {
    const nowMs = Date.now();
    const { user, system } = process.cpuUsage(this.#startedCpu);
    const ownCpuSeconds = (user + system) / 1e6 + this.#figures.cpuSeconds;
    return {
      folder: this.#folder === null ? null : shownFolder(this.#folder),
      fault: this.#fault,
      tally: this.#tally,
      progress: progressOf(this.#tally, this.#expected, nowMs),
      figures: this.#figures.state(nowMs),
      ownCpuSeconds,
      ownCpuShare: ownCpuSeconds / Math.max(1, (performance.now() - this.#startedMs) / 1000),
      nowMs,
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#figures.reset();
    await this.#making;
  }

  /**
   * Polls once and schedules the next poll, immediately if there is more to read, so that requests are answered in
   * between.
   */
  #tick(): void {
    if (this.#isStopped) return;
    const hasMore = this.#look();
    if (!hasMore) {
      this.#options.onLook();
      this.#makeFigures();
    }
    this.#timer = setTimeout(() => this.#tick(), hasMore ? 0 : LOOK_MS);
  }

  #look(): boolean {
    const { directory, results } = this.#options;
    const folder = directory ?? newestRun(results);
    if (folder !== this.#folder || this.#follower === null) {
      this.#folder = folder;
      this.#follower = folder === null ? null : new JournalFollower(journalPath(folder));
      this.#beginAnew();
    }
    const found = this.#follower?.look();
    if (found !== undefined) this.#take(found);
    return found?.hasMore ?? false;
  }

  #take(found: Look): void {
    if (found.isNew) this.#beginAnew();
    this.#fault = found.reason;
    this.#tally.damagedLines += found.damaged;
    for (const line of found.lines) {
      this.#tally.add(line);
      if (line.kind === 'run') this.#expected = expectedOf(line, this.#options.arms);
    }
  }

  #beginAnew(): void {
    this.#tally = new RunTally();
    this.#expected = [];
    void this.#figures.reset();
    this.#options.onFigures();
  }

  #makeFigures(): void {
    const folder = this.#folder;
    if (folder === null || this.#tally.header === null || !this.#options.isSeen()) return;
    if (this.#figures.isDue(this.#tally, Date.now())) this.#making = this.#figures.make(folder, this.#tally);
  }
}
