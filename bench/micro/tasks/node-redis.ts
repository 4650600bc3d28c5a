/** The read of a session through node-redis, to be compared with that through ioredis. */
import { createClient } from '@redis/client';
import { nodeRedisUrl } from '../../../servers/redis-address.ts';
import type { MicroTask, ReadyTask, TaskContext } from '../task.ts';
import { DEADLINE_MS, setupRedis, TTL_MS } from './redis.ts';

const NAME = 'redis-getex-node-redis';

/**
 * One time-out for everything in flight, without a timer for each command: commands and replies are counted. @param
 * onSilence called if nothing was answered for a whole `ms` although commands were pending
 */
export function silenceAfter(ms: number, onSilence: () => void) {
  let unanswered = 0;
  let answers = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    const before = answers;
    // Under load something is always in flight, so that alone says nothing.
    timer = setTimeout(() => (answers === before ? onSilence() : wait()), ms);
  };
  return {
    asked() {
      if (unanswered === 0) wait();
      unanswered += 1;
    },
    answered() {
      unanswered -= 1;
      answers += 1;
      if (unanswered === 0) clearTimeout(timer);
    },
  };
}

async function setup(context: TaskContext): Promise<ReadyTask> {
  if (context.redisUrl === null) throw new Error(`The task ${NAME} needs Redis.`);
  const client = createClient({
    url: nodeRedisUrl(context.redisUrl),
    socket: { connectTimeout: DEADLINE_MS, reconnectStrategy: false },
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    // It ends when a command is written, not when it is answered.
    commandOptions: { timeout: 0 },
  });
  // The failure of a command is reported where it is awaited.
  client.on('error', () => {});
  await client.connect();
  // Fails all commands in flight.
  const { asked, answered } = silenceAfter(DEADLINE_MS, () => client.destroy());
  try {
    const task = await setupRedis(
      NAME,
      true,
      (_, key) => {
        asked();
        const read = client.getEx(key, { type: 'PX', value: TTL_MS });
        read.then(answered, answered);
        return read;
      },
      context,
    );
    return {
      ...task,
      async teardown() {
        if (client.isOpen) client.destroy();
        await task.teardown?.();
      },
    };
  } catch (error) {
    client.destroy();
    throw error;
  }
}

export const nodeRedisTasks: readonly MicroTask[] = [
  {
    name: NAME,
    title: 'GETEX a session through node-redis, ten in flight, pipelined by the library',
    needs: 'redis',
    setup,
  },
];
