/** The read of a session through node-redis, beside the same through ioredis. */
import { createClient } from '@redis/client';
import type { MicroTask, ReadyTask, TaskContext } from '../task.ts';
import { DEADLINE_MS, setupRedis, TTL_MS } from './redis.ts';

const NAME = 'redis-getex-node-redis';

/** @param url as of ioredis: a URL, or the path of a socket with its options */
function addressOf(url: string) {
  if (!url.startsWith('/')) return { url };
  const [path = '', query] = url.split('?');
  const options = new URLSearchParams(query);
  return {
    socket: { path },
    username: options.get('username') ?? '',
    password: options.get('password') ?? '',
    database: Number(options.get('db') ?? 0),
  };
}

async function setup(context: TaskContext): Promise<ReadyTask> {
  if (context.redisUrl === null) throw new Error(`The task ${NAME} needs Redis.`);
  const address = addressOf(context.redisUrl);
  const client = createClient({
    ...address,
    socket: { ...address.socket, connectTimeout: DEADLINE_MS, reconnectStrategy: false },
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    // It ends when a command is written, not when it is answered.
    commandOptions: { timeout: 0 },
  });
  // The failure of a command is reported where it is awaited.
  client.on('error', () => {});
  await client.connect();
  let unanswered = 0;
  let deadline: NodeJS.Timeout | undefined;
  const answered = () => {
    unanswered -= 1;
    if (unanswered === 0) clearTimeout(deadline);
  };
  try {
    const task = await setupRedis(
      NAME,
      true,
      (_, key) => {
        // One deadline for all that are in flight; it fails them all.
        if (unanswered === 0) deadline = setTimeout(() => client.destroy(), DEADLINE_MS);
        unanswered += 1;
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
    title: 'GETEX a session through node-redis, ten in flight, sent together by the library itself',
    needs: 'redis',
    setup,
  },
];
