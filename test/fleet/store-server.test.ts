import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisServerPath } from '../../bench/fleet/redis/own.ts';
import { provideRedis } from '../../bench/fleet/redis/provide.ts';
import { checkStoreServer } from '../../bench/fleet/redis/store-server.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { thenEnding } from '../../core/errors.ts';

let folder: string;
let real: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-store-server-'));
  real = redisServerPath();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, text: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** A server that accepts Redis' configuration and misbehaves as told. @param info the text of its INFO */
const standIn = (name: string, info: string, answer = "'+OK'") =>
  program(
    name,
    `#!${process.execPath}
const { createServer } = require('node:net');
const lines = require('node:fs').readFileSync(0, 'utf8').split('\\n');
const port = Number(lines.find((line) => line.startsWith('port ')).slice(5));
const info = ${JSON.stringify(info)} + 'process_id:' + process.pid + '\\r\\n';
const server = createServer((socket) => {
  socket.on('error', () => {});
  // One reply per command: its array begins with an asterisk.
  socket.on('data', (data) => {
    for (const command of String(data).split(/(?=\\*\\d+\\r\\n\\$)/)) {
      const isInfo = /\\r\\ninfo\\r\\n/i.test(command);
      socket.write((isInfo ? '$' + info.length + '\\r\\n' + info : ${answer}) + '\\r\\n');
    }
  });
});
server.listen(port, '127.0.0.1', () => console.log('Ready to accept connections tcp'));
`.replaceAll('\\\\', '\\'),
  );

describe('a program instead of redis-server', () => {
  it.each([
    ['is not on the PATH', () => 'no-such-server'],
    ['does not exist', () => join(folder, 'nothing')],
    ['is not a file', () => folder],
    ['is not executable', () => program('plain', '', 0o644)],
  ])('that %s is refused before it is started', async (what, path) => {
    await expect(checkStoreServer(path())).rejects.toThrow(what);
  });

  it.each([
    ['ends at once', () => program('ends', '#!/bin/sh\necho no licence\nexit 1\n'), /does not start.*no licence/],
    [
      'is another process than the one that was started',
      () => program('fork', `#!/bin/sh\n${real} "$@"\ntrue\n`),
      /as another process, so its CPU time would not be counted/,
    ],
    ['is too old', () => standIn('old', 'redis_version:6.0.16\r\n'), /Redis 6\.0\.16, which has no GETEX/],
    ['does not say what it is', () => standIn('mute', 'os:Linux\r\n'), /its version/],
    ['speaks another protocol', () => standIn('http', '', "'HTTP/1.1 400 Bad Request'"), /does not respond like Redis/],
    [
      'lacks a command',
      () => standIn('less', 'redis_version:7.4.0\r\n', "/getex/i.test(command) ? '-ERR unknown command' : '+OK'"),
      /to GETEX: ERR unknown command/,
    ],
  ])('that %s is refused with the reason', async (_, path, reason) => {
    await expect(checkStoreServer(path())).rejects.toThrow(reason);
  });

  it('gets its name from INFO', async () => {
    const valkey = standIn('valkey', 'redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\n');
    expect(await checkStoreServer(valkey)).toEqual({ path: valkey, version: 'Valkey 8.1.1' });
  });

  it('is stopped if it does not answer after its start', async () => {
    const pidFile = join(folder, 'deaf.pid');
    const path = program('deaf', `#!/bin/sh\necho $$ >${pidFile}\necho Ready to accept connections\nexec sleep 600\n`);
    const janitor = await Janitor.start();
    await thenEnding(
      async () => {
        const source = { janitor, redisUrl: null, storeServer: { path, version: '' }, runId: 'test' };
        await expect(provideRedis(source, 'arm')).rejects.toThrow(/deaf has started, but does not respond: /);
        expect(existsSync(`/proc/${readFileSync(pidFile, 'utf8').trim()}`)).toBe(false);
      },
      () => janitor.finish(),
    );
  });

  it('serves fleets, with its CPU time', async () => {
    const path = program('wrapped', `#!/bin/sh\nexec ${real} "$@"\n`);
    const storeServer = await checkStoreServer(path);
    const janitor = await Janitor.start();
    await thenEnding(
      async () => {
        const redis = await provideRedis({ janitor, redisUrl: null, storeServer, runId: 'test' }, 'arm');
        expect(redis.version).toBe(storeServer.version);
        expect(redis.shared).toBe(false);
        expect(await redis.cpuNanos()).toBeGreaterThan(0);
        await redis.stop();
      },
      () => janitor.finish(),
    );
  });
});
