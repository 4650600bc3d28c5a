/**
 * Processes that are kept between forks: the hiccup meter and the open loop's generators. And the cores on which all
 * processes may run: all of them everywhere, measuring processes on one core and all others on the rest, or the servers
 * on one.
 */
import { processesOfCompanions } from '../fleet/companions/companion.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Replica } from '../fleet/replica.ts';
import { type HiccupMeter, startHiccupMeter } from '../hiccup/meter.ts';
import type { Generator } from '../load/generator.ts';
import { OpenGenerator } from '../load/open/client.ts';
import { confineAll, MOST_WATCHED, pinnableCores, pinServers, spread } from '../processes/cores.ts';
import { processTree } from '../processes/trees/process-tree.ts';
import { separateUsableCores } from '../processes/usable-cores.ts';

const pidsOf = (replica: Replica): readonly number[] => replica.pids?.() ?? [replica.pid];
/** Redis, and the companions with all that they have started. */
const storesOf = ({ redis, companions = [] }: Fleet): readonly number[] => [
  ...(redis?.pids ?? []),
  ...processesOfCompanions(companions, processTree),
];

export class Isolation {
  /** The cores that were allowed before this process was confined. */
  readonly #all = pinnableCores();
  readonly #cores = separateUsableCores();
  #apart = false;
  #meter: Promise<HiccupMeter> | null = null;
  #open: { readonly apart: boolean; readonly it: OpenGenerator } | null = null;

  /** The meter of all cores, wherever other processes are pinned. */
  meter(): Promise<HiccupMeter> {
    this.#meter ??= startHiccupMeter({ cores: spread(this.#all, MOST_WATCHED) });
    return this.#meter;
  }

  async open(): Promise<OpenGenerator> {
    if (this.#open?.apart !== this.#apart) await this.#endOpen();
    const core = this.#apart && this.#cores !== null ? { core: this.#cores.measuring } : {};
    this.#open ??= { apart: this.#apart, it: new OpenGenerator(core) };
    return this.#open.it;
  }

  /** @returns false unless there are two cores to choose from and processes can be pinned */
  setApart(generator: Generator, fleets: readonly Fleet[]): boolean {
    if (this.#cores === null) return false;
    const { measuring, measured } = this.#cores;
    this.#apart = true;
    const pids = fleets.flatMap((fleet) => [...fleet.replicas.flatMap(pidsOf), ...storesOf(fleet)]);
    const done = confineAll([process.pid, ...pids], measured) && confineAll([generator.pid], [measuring]);
    if (!done) this.#undo(generator, pids);
    return done;
  }

  /**
   * Puts the servers on one core.
   *
   * @returns false if that is not possible
   */
  setServersApart(generator: Generator, fleets: readonly Fleet[]): boolean {
    if (this.#cores === null) return false;
    this.#apart = true;
    const servers = fleets.flatMap(({ replicas }) => replicas.flatMap(pidsOf));
    const stores = fleets.flatMap(storesOf);
    const done = pinServers({ servers, others: [process.pid, generator.pid, ...stores] }, this.#cores);
    if (!done) this.#undo(generator, [...servers, ...stores]);
    return done;
  }

  /** Lets the processes that outlive a fork run on all cores again. */
  setTogether(generator: Generator): void {
    if (!this.#apart) return;
    this.#apart = false;
    confineAll([process.pid, generator.pid], this.#all);
  }

  /** If some processes cannot be pinned, none is: a store on one core beside servers on all would be neither. */
  #undo(generator: Generator, pids: readonly number[]): void {
    this.setTogether(generator);
    confineAll(pids, this.#all);
  }

  async end(): Promise<void> {
    await Promise.all([this.#endMeter(), this.#endOpen()]);
  }

  async #endMeter(): Promise<void> {
    const meter = this.#meter;
    this.#meter = null;
    await meter?.then((started) => started.stop()).catch(() => {});
  }

  async #endOpen(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.it.stop();
  }
}
