/** A server program to name by --store-server: the Redis of this machine, which notes each of its starts. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { redisServerPath } from '../../bench/fleet/redis/own.ts';

export interface NotedServer {
  readonly path: string;
  starts(): number;
}

/** @param folder of the test's own */
export function notedServer(folder: string): NotedServer {
  const path = join(folder, 'noted-server');
  const log = join(folder, 'noted-server.log');
  writeFileSync(path, `#!/bin/sh\necho started >> '${log}'\nexec '${redisServerPath()}' "$@"\n`, { mode: 0o755 });
  return {
    path,
    starts: () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').length : 0),
  };
}
