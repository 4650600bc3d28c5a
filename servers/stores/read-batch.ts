/**
 * Reads of the hot path in batches: all reads of one event-loop iteration go out in one write. ioredis's autopipelining does the
 * same for any command. This costs less for reads: there is no pipeline, result array and callback for each command, which live
 * until the whole answer has arrived and burden the garbage collector, and a batch has one deadline instead of many timers.
 */
import { Cluster, Command, type Redis } from 'ioredis';

export interface Reads {
  /** Returns the value at a key, or null, and extends its time to live. */
  getex(key: string, ttlMs: number): Promise<string | null>;
  /** Returns the values at several keys of one cluster slot. */
  mget(keys: readonly string[]): Promise<readonly (string | null)[]>;
  /** Returns 1 if the key exists, else 0. */
  exists(key: string): Promise<number>;
}

class Read extends Command {
  /** Disables the client's timer for each command; the deadline of the batch covers all of them. */
  override setTimeout(): void {}
}

/** Batches the reads of one server. A cluster's reads are batched by the client, which knows the node of each key. */
export function readsOf(client: Redis | Cluster, deadlineMs: number): Reads {
  if (client instanceof Cluster) {
    return {
      getex: (key, ttlMs) => client.getex(key, 'PX', ttlMs),
      mget: (keys) => client.mget([...keys]),
      exists: (key) => client.exists(key),
    };
  }
  return batchedReads(client, deadlineMs);
}

function batchedReads(client: Redis, deadlineMs: number): Reads {
  let waiting: Read[] = [];

  function flush(): void {
    const batch = waiting;
    waiting = [];
    if (client.status !== 'ready') {
      rejectAll(batch, 'Redis is not connected.');
      return;
    }
    const { stream } = client;
    stream.cork();
    for (const read of batch) client.sendCommand(read);
    stream.uncork();
    // First read what has arrived: if the answers are waiting in the socket, this process was late, not Redis.
    const deadline = setTimeout(() => setImmediate(rejectAll, batch, 'Redis did not answer in time.'), deadlineMs);
    const stopClock = () => clearTimeout(deadline);
    // Replies arrive in the order of the commands, so the last one settles the batch.
    batch.at(-1)?.promise.then(stopClock, stopClock);
  }

  function read(name: string, args: string[]): Read {
    const command = new Read(name, args, { replyEncoding: 'utf8' });
    // After the I/O of this iteration, so that requests which arrive together are sent together.
    if (waiting.push(command) === 1) setImmediate(flush);
    return command;
  }

  return {
    getex: (key, ttlMs) => read('getex', [key, 'PX', String(ttlMs)]).promise as Promise<string | null>,
    mget: (keys) => read('mget', [...keys]).promise as Promise<(string | null)[]>,
    exists: (key) => read('exists', [key]).promise as Promise<number>,
  };
}

/** Rejects the reads without an answer; a promise that is settled already is not affected. */
function rejectAll(batch: readonly Read[], message: string): void {
  for (const read of batch) read.reject(new Error(message));
}
