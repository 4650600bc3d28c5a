/** A server program used instead of redis-server, such as Valkey's: its identity, and whether it can serve a run. */
import { randomBytes } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { environmentError, messageOf, TollgateError, thenEnding } from '../../../core/errors.ts';
import { kill, killGroup } from '../../processes/ending.ts';
import { findOnPath, isExecutable } from '../../processes/executables.ts';
import { Janitor } from '../../processes/janitor.ts';
import { freshPassword, redisDirectory, startServer } from './own.ts';
import { connectionTo, isTooOld, LEAST_TEXT, stepsOn } from './probe.ts';
import { versionOf } from './redis.ts';

/** The result of `checkStoreServer`. */
export interface StoreServer {
  /** Absolute. */
  readonly path: string;
  /** `Valkey 8.1.1`, by its own INFO. */
  readonly version: string;
}

const HINT = 'give the path of a Redis or Valkey server, or omit --store-server to use the one on the PATH';

function refuse(path: string, what: string, hint = HINT): never {
  throw environmentError(`--store-server: ${path} ${what}`, hint);
}

/** @param named a path, or a name to look up on the PATH */
function programOf(named: string): string {
  const path = named.includes('/') ? resolve(named) : findOnPath([named]);
  if (path === null) return refuse(named, 'is not on the PATH');
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return refuse(path, 'does not exist');
  if (!stats.isFile()) return refuse(path, 'is not a file');
  if (!isExecutable(path)) return refuse(path, 'is not executable', `make it executable: chmod +x ${path}`);
  return path;
}

/**
 * Starts the program as a run would, checks its identity and every command that a run sends, and stops it. @param
 * named a path, or a name to look up on the PATH @throws TollgateError (environment) with what is wrong
 */
export async function checkStoreServer(named: string): Promise<StoreServer> {
  const path = programOf(named);
  const janitor = await Janitor.start();
  const directory = redisDirectory(janitor);
  return thenEnding(
    async () => {
      const options = { janitor, directory, password: freshPassword(), program: path, attempts: 3 };
      const server = await startServer(options).catch((error) =>
        refuse(path, `does not start as a Redis server: ${messageOf(error)}`),
      );
      return thenEnding(
        async () => {
          return { path, version: await versionIn(path, server.url, server.child.pid) };
        },
        // Including processes that it started.
        () => killGroup(server.child),
        () => kill(server.child),
      );
    },
    () => janitor.finish(),
    () => rmSync(directory, { recursive: true, force: true }),
  );
}

async function versionIn(path: string, url: string, pid: number | undefined): Promise<string> {
  const { username, password, host } = new URL(url);
  const client = connectionTo(`redis://${host}`);
  let cause: Error | undefined;
  client.on('error', (error: Error) => {
    cause ??= error;
  });
  let doing = 'AUTH';
  try {
    await client.connect();
    await client.auth(username === '' ? 'default' : username, password);
    doing = 'INFO';
    const info = await client.info('server');
    const version = versionOf(info);
    if (!/ \d+\.\d+/.test(version)) return refuse(path, 'does not report its version in INFO');
    if (isTooOld(version)) return refuse(path, `is ${version}, which has no GETEX`, `use ${LEAST_TEXT}`);
    const own = Number(/^process_id:(\d+)/m.exec(info)?.[1]);
    if (own !== pid)
      return refuse(
        path,
        'starts its server as another process, so its CPU time would not be counted',
        'give the path of the server itself; a script has to end in exec',
      );
    for (const section of ['commandstats', 'cpu']) await client.info(section);
    for (const [command, ...args] of stepsOn(`probe:${randomBytes(6).toString('hex')}:`)) {
      doing = command;
      await client.call(command, ...args);
    }
    return version;
  } catch (error) {
    if (error instanceof TollgateError) throw error;
    return refuse(path, `does not respond like Redis (to ${doing}: ${messageOf(cause ?? error)})`);
  } finally {
    client.disconnect();
  }
}
