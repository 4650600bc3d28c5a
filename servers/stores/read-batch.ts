/**
 * Reads of the hot path, sent together: all that are asked for in one turn of the event loop go out in one write. It does
 * what ioredis's autopipelining does for any command, and for these costs less: no pipeline, result array and callback
 * beside each command that live until the whole answer is there, which the garbage collector then has to move; and one
 * deadline for a batch where the client arms a timer for each command.
 */
import { Cluster, Command, type Redis } from 'ioredis';

export interface Reads {
  /** The value at a key, whose life is extended; null where there is none. */
  getex(key: string, ttlMs: number): Promise<string | null>;
  /** The values at several keys of one slot. */
  mget(keys: readonly string[]): Promise<readonly (string | null)[]>;
  /** 1 where the key exists, else 0. */
  exists(key: string): Promise<number>;
}

class Read extends Command {
  /** The client would arm a timer for each command; the deadline of the batch stands for all of them. */
  override setTimeout(): void {}
}

/** A cluster's reads are batched by the client, which knows which node is to be asked. */
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
    // Not before what has arrived is read: it was this process that was late where its answers lie there already.
    const deadline = setTimeout(() => setImmediate(rejectAll, batch, 'Redis did not answer in time.'), deadlineMs);
    const stopClock = () => clearTimeout(deadline);
    // Replies come in the order of the commands: with the last one all are settled.
    batch.at(-1)?.promise.then(stopClock, stopClock);
  }

  function read(name: string, args: string[]): Read {
    const command = new Read(name, args, { replyEncoding: 'utf8' });
    // After the I/O of this turn, so that requests which came together ask together.
    if (waiting.push(command) === 1) setImmediate(flush);
    return command;
  }

  return {
    getex: (key, ttlMs) => read('getex', [key, 'PX', String(ttlMs)]).promise as Promise<string | null>,
    mget: (keys) => read('mget', [...keys]).promise as Promise<(string | null)[]>,
    exists: (key) => read('exists', [key]).promise as Promise<number>,
  };
}

/** Those that have their answer are not touched by it: a promise is settled once. */
function rejectAll(batch: readonly Read[], message: string): void {
  for (const read of batch) read.reject(new Error(message));
}
