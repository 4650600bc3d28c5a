/** Shared by every connection through node-redis; everything else uses ioredis. */
import { StartError } from '../../errors.ts';

/** An answer that takes longer is an outage, as for ioredis. */
export const ANSWER_WITHIN_MS = 1_000;
const START_WITHIN_MS = 5_000;
const retryMs = (attempt: number) => Math.min(25 * (attempt + 1), 250);

/** Settings that fail fast: no queue while Redis is unavailable, and a short time to connect. It reconnects for ever. */
export const NODE_REDIS = {
  disableOfflineQueue: true,
  maintNotifications: 'disabled',
  // The library's own ends when a command is written, not when it is answered, and costs a timer for each.
  commandOptions: { timeout: 0 },
  socket: { connectTimeout: ANSWER_WITHIN_MS, reconnectStrategy: retryMs },
} as const;

/**
 * Connects in time, or destroys the client. @param purpose completes the message: `for client-side caching` @throws
 * StartError REDIS_UNREACHABLE
 */
export async function opened(client: { connect(): Promise<unknown>; destroy(): void }, purpose: string): Promise<void> {
  try {
    await within(client.connect(), START_WITHIN_MS);
  } catch (cause) {
    client.destroy();
    throw new StartError('REDIS_UNREACHABLE', `Redis does not take a second connection, ${purpose}.`, { cause });
  }
}

const late = () => new Error('Redis did not answer in time.');

/** @throws Error if the promise does not settle within this time */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  const deadline = Promise.withResolvers<never>();
  const timer = setTimeout(() => deadline.reject(late()), ms);
  try {
    return await Promise.race([promise, deadline.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The commands of one event-loop iteration. */
class Batch {
  readonly #rejects: ((reason: Error) => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #unsettled = 0;
  #isOver = false;

  constructor(ms: number) {
    // First read what has arrived: if the replies are waiting in the socket, this process was late, not Redis.
    this.#timer = setTimeout(() => setImmediate(() => this.#rejectAll()), ms);
  }

  /** Whether all of it is settled: its timer has been stopped, so it accepts nothing more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  add<T>(asked: Promise<T>): Promise<T> {
    this.#unsettled += 1;
    return new Promise((resolve, reject) => {
      this.#rejects.push(reject);
      asked.then(resolve, reject).finally(() => this.#settle());
    });
  }

  #settle(): void {
    this.#unsettled -= 1;
    if (this.#unsettled > 0) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** A settled promise is not affected. */
  #rejectAll(): void {
    for (const reject of this.#rejects) reject(late());
  }
}

/**
 * Gives the commands of one event-loop iteration one deadline, instead of a timer for each. @returns a function that
 * passes a promise through, and rejects if it does not settle in time
 */
export function sharedDeadline(ms: number): <T>(asked: Promise<T>) => Promise<T> {
  let current: Batch | null = null;
  return (asked) => {
    if (current === null || current.isOver) {
      current = new Batch(ms);
      setImmediate(() => {
        current = null;
      });
    }
    return current.add(asked);
  };
}
