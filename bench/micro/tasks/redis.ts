/** Store commands through ioredis, ten at a time like concurrent requests, one by one and pipelined. */
import { Redis, Command as RedisCommand } from 'ioredis';
import { sessionIds, sessions } from '../inputs.ts';
import { INPUTS, type MicroTask, type ReadyTask, type TaskContext } from '../task.ts';

const CONCURRENT = 10;
export const TTL_MS = 600_000;
export const DEADLINE_MS = 2_000;

/** Fails soon instead of queueing: a store that hangs must end the suite, not stretch a measurement. */
async function connect(url: string, enableAutoPipelining: boolean): Promise<Redis> {
  const client = new Redis(url, {
    lazyConnect: true,
    enableAutoPipelining,
    commandTimeout: DEADLINE_MS,
    connectTimeout: DEADLINE_MS,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    retryStrategy: null,
  });
  // The failure of a command is reported where it is awaited; without a listener ioredis would print it a second time.
  client.on('error', () => {});
  await client.connect();
  return client;
}

type Command = (client: Redis, key: string, value: string) => Promise<unknown>;

class Read extends RedisCommand {
  /** The batch has one time-out for all its commands. */
  override setTimeout(): void {}
}

/** Sends all commands of one turn of the event loop in one write, as the servers' hand-tuned schemes do. */
function batched(name: string, args: (key: string) => string[]): Command {
  let waiting: Read[] = [];
  const flush = (client: Redis) => {
    const batch = waiting;
    waiting = [];
    client.stream.cork();
    for (const read of batch) client.sendCommand(read);
    client.stream.uncork();
    const late = () => batch.forEach((read) => void read.reject(new Error('Redis did not answer in time.')));
    const deadline = setTimeout(late, DEADLINE_MS);
    const stopClock = () => clearTimeout(deadline);
    batch.at(-1)?.promise.then(stopClock, stopClock);
  };
  return (client, key) => {
    const read = new Read(name, args(key), { replyEncoding: 'utf8' });
    if (waiting.push(read) === 1) setImmediate(flush, client);
    return read.promise;
  };
}

/**
 * @param pipelined whether the client that writes the keys pipelines commands @param command the timed command, with
 * that client or another
 */
export async function setupRedis(
  name: string,
  pipelined: boolean,
  command: Command,
  context: TaskContext,
): Promise<ReadyTask> {
  if (context.redisUrl === null) throw new Error(`The task ${name} needs Redis.`);
  const client = await connect(context.redisUrl, pipelined);
  const values = sessions(INPUTS).map((session) => JSON.stringify(session));
  const entries = sessionIds(INPUTS).map((id, index) => ({
    key: `${context.keyPrefix}micro:${name}:${id}`,
    value: values[index] as string,
  }));
  await Promise.all(entries.map(({ key, value }) => client.set(key, value, 'PX', TTL_MS)));
  let next = 0;
  const send = () => {
    const { key, value } = entries[next] as (typeof entries)[number];
    next = next + 1 === INPUTS ? 0 : next + 1;
    return command(client, key, value);
  };
  const lost = () => new Error(`Redis lost a key that the task ${name} had written.`);
  return {
    operationsPerRun: CONCURRENT,
    run: async () => {
      const replies: Promise<unknown>[] = [];
      for (let sent = 0; sent < CONCURRENT; sent++) replies.push(send());
      const answers = await Promise.all(replies);
      if (answers.includes(null)) throw lost();
      context.keep(answers);
    },
    once: (done) => {
      send().then((answer) => {
        context.keep(answer);
        if (answer === null) done(lost());
        else done();
      }, done);
    },
    teardown: async () => {
      await client.del(entries.map(({ key }) => key));
      client.disconnect();
    },
  };
}

function redisTask(name: string, title: string, pipelined: boolean, command: Command): MicroTask {
  return { name, title, needs: 'redis', setup: (context) => setupRedis(name, pipelined, command, context) };
}

export const redisTasks: readonly MicroTask[] = [
  redisTask('redis-get', 'GET a session, ten in flight, each command its own write', false, (client, key) =>
    client.get(key),
  ),
  redisTask('redis-get-pipelined', 'GET a session, ten in flight, pipelined automatically', true, (client, key) =>
    client.get(key),
  ),
  redisTask(
    'redis-getex',
    'GETEX a session (read it and extend its life), ten in flight, each command its own write',
    false,
    (client, key) => client.getex(key, 'PX', TTL_MS),
  ),
  redisTask(
    'redis-getex-pipelined',
    'GETEX a session (read it and extend its life), ten in flight, pipelined automatically',
    true,
    (client, key) => client.getex(key, 'PX', TTL_MS),
  ),
  redisTask(
    'redis-set-pipelined',
    'SET a session with its time to live, ten in flight, pipelined automatically',
    true,
    (client, key, value) => client.set(key, value, 'PX', TTL_MS),
  ),
  redisTask(
    'redis-exists-pipelined',
    'EXISTS of one key (denylist lookup), ten in flight, pipelined automatically',
    true,
    (client, key) => client.exists(key),
  ),
  redisTask(
    'redis-mget-pipelined',
    'MGET of two keys (denylist of tokens and users), ten in flight, pipelined automatically',
    true,
    (client, key) => client.mget(key, `${key}:user`),
  ),
  redisTask(
    'redis-getex-batched',
    'GETEX a session, ten in flight, in one write with one deadline (hand-tuned session)',
    false,
    batched('getex', (key) => [key, 'PX', String(TTL_MS)]),
  ),
  redisTask(
    'redis-mget-batched',
    'MGET of two keys, ten in flight, in one write with one deadline (denylist)',
    false,
    batched('mget', (key) => [key, `${key}:user`]),
  ),
];
