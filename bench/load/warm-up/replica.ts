/** Warms up one replica: sends requests until its threads' CPU time shows that it is warm. */
import { setTimeout as elapsed } from 'node:timers/promises';
import { stretchOfTree, type TreeCpu, threadCpuOfTree } from '../../processes/threads/thread-cpu.ts';
import { STRETCH_REQUESTS, type Stretch, warmthOf } from '../../processes/warmth.ts';
import type { Address } from '../connection/connection.ts';
import type { ReadyRequest } from '../connection/ready-request.ts';
import { DEPTH, WarmUpConnection } from './connection.ts';

/**
 * Pipelining saves a fifth of the time, but measurements do not use it: the last requests before the minimum, and all
 * after it, are sent one at a time.
 */
const UNPIPELINED_REQUESTS = 3_000;
/** If it is unknown whether the replica is warm, it gets this many requests beyond the minimum. */
const UNCHECKED_EXTRA = 3_000;
/** Many connections fill a server's queue without pipelining. */
const MOST_IN_FLIGHT = 64;

export interface WarmUpLimits {
  readonly atLeast: number;
  readonly atMost: number;
}

export interface ColdReplica {
  readonly address: Address;
  /** Null if unknown. */
  readonly pid: number | null;
  /** One for each connection. */
  readonly requests: readonly ReadyRequest[];
}

export interface WarmedReplica {
  readonly requests: number;
  readonly isWarm: boolean;
  /** Share of helper threads in the last stretches; null if CPU accounts cannot be read. */
  readonly helperShare: number | null;
  readonly cpuUsPerRequest: number | null;
  /** Why it ended early: an unexpected response, or a broken connection. */
  readonly fault: string | null;
}

/**
 * @param deadline on the clock of `performance.now` @param answered requests before this, if the warm-up is resumed
 * @returns the result, including earlier requests; never throws
 */
export async function warmReplica(
  replica: ColdReplica,
  limits: WarmUpLimits,
  deadline: number,
  answered = 0,
): Promise<WarmedReplica> {
  const load = new RawLoad(replica, deadline);
  try {
    return await drive(replica, load, { ...limits, deadline, answered });
  } finally {
    load.close();
  }
}

async function drive(
  { pid, requests: each }: ColdReplica,
  load: RawLoad,
  { atLeast, atMost, deadline, answered: earlier }: WarmUpLimits & { deadline: number; answered: number },
): Promise<WarmedReplica> {
  const pipelined = Math.max(1, Math.min(DEPTH, Math.floor(MOST_IN_FLIGHT / each.length)));
  let before = cpuOf(pid);
  let requests = earlier;
  let depth = pipelined;
  let stretches: Stretch[] = [];
  for (;;) {
    if (depth > 1 && requests >= atLeast - UNPIPELINED_REQUESTS) {
      // From here on, the cost of a request is different.
      depth = 1;
      stretches = [];
    }
    const answered = await load.run(STRETCH_REQUESTS, depth);
    requests += answered;
    // A thread's account is complete once it sleeps.
    await elapsed(1);
    const after = cpuOf(pid);
    if (answered === STRETCH_REQUESTS && before !== null && after !== null)
      stretches.push(stretchOfTree(before, after));
    const isChecked = before !== null && after !== null;
    before = after;
    const { isWarm, helperShare, mainNsPerStretch } = warmthOf(stretches);
    const isEnough = isChecked ? isWarm && requests >= atLeast : requests >= atLeast + UNCHECKED_EXTRA;
    const { fault } = load;
    if (isEnough || fault !== null || requests >= atMost || performance.now() >= deadline) {
      return {
        requests,
        isWarm: isEnough && fault === null,
        helperShare: isChecked ? helperShare : null,
        cpuUsPerRequest: isChecked ? mainNsPerStretch / 1000 / STRETCH_REQUESTS : null,
        fault,
      };
    }
  }
}

function cpuOf(pid: number | null): TreeCpu | null {
  return pid === null ? null : threadCpuOfTree(pid);
}

/** All connections of a replica together. */
class RawLoad {
  readonly #connections: WarmUpConnection[];
  readonly #deadline: number;
  #toSend = 0;
  #left = 0;
  #depth = 1;
  #done: () => void = () => {};
  #fault: string | null = null;

  constructor({ address, requests }: ColdReplica, deadline: number) {
    const events = {
      answered: (connection: WarmUpConnection, answers: number) => this.#answered(connection, answers),
      ended: (connection: WarmUpConnection, answers: number) => {
        const at = this.#connections.indexOf(connection);
        const request = requests[at];
        if (request === undefined) return;
        this.#toSend += connection.inFlight;
        const next = new WarmUpConnection(address, request, events);
        this.#connections[at] = next;
        this.#answered(next, answers);
      },
      failed: (reason: string) => {
        this.#fault ??= reason;
        this.#done();
      },
    };
    this.#deadline = deadline;
    this.#connections = requests.map((request) => new WarmUpConnection(address, request, events));
  }

  get fault(): string | null {
    return this.#fault;
  }

  /** @returns the number of responses: fewer if something failed, or the deadline passed */
  run(requests: number, depth: number): Promise<number> {
    return new Promise((resolve) => {
      const late = setTimeout(() => this.#done(), Math.max(0, this.#deadline - performance.now()));
      this.#toSend = requests;
      this.#left = requests;
      this.#depth = depth;
      this.#done = () => {
        clearTimeout(late);
        this.#toSend = 0;
        this.#done = () => {};
        resolve(requests - this.#left);
      };
      if (this.#fault !== null) return this.#done();
      for (const connection of this.#connections) this.#fill(connection);
    });
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  #fill(connection: WarmUpConnection): void {
    const times = Math.min(this.#depth - connection.inFlight, this.#toSend);
    if (times <= 0) return;
    this.#toSend -= times;
    connection.send(times);
  }

  #answered(connection: WarmUpConnection, answers: number): void {
    this.#left -= answers;
    if (this.#left <= 0) this.#done();
    else this.#fill(connection);
  }
}
