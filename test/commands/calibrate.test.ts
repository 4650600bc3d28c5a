/** `npm run calibrate`, from the command line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(...words: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [MAIN, 'calibrate', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return { child, ended: once(child, 'close').then(([code]) => ({ code, out, err })) };
}

/** @param closesAfter number of answers after which the server closes a connection; never if left out */
async function serve(
  closesAfter = Number.POSITIVE_INFINITY,
  status = 200,
): Promise<{ url: string; requested: Promise<void> }> {
  const { promise: requested, resolve } = Promise.withResolvers<void>();
  let answers = 0;
  const server = createServer((_, response) => {
    resolve();
    answers += 1;
    response.statusCode = status;
    if (answers % closesAfter === 0) response.setHeader('connection', 'close');
    if (closesAfter === 1) setTimeout(() => response.end('ok'), 5);
    else response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requested };
}

/** Processes whose parent is `pid`. */
async function childrenOf(pid: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'latin1').catch(() => '') : '';
    if (Number(stat.split(') ')[1]?.split(' ')[1]) === pid) found.push(Number(name));
  }
  return found;
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('the command', () => {
  it('drives a URL with the open loop and prints JSON', async () => {
    const { url } = await serve();
    const { code, out, err } = await start('--url', url, '--rate', '100', '--seconds', '1', '--json').ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      mode: 'open',
      askedRate: 100,
      answered: 100,
      statuses: { 200: 100 },
      failed: 0,
    });
  });

  it.each([
    ['--rate', '100'],
    ['--connections', '2'],
  ])('fails if no request succeeded: %s', async (...load) => {
    const { url } = await serve(undefined, 503);
    const { code, out, err } = await start('--url', url, ...load, '--seconds', '1').ended;
    expect(code).toBe(1);
    expect(err).toMatch(/^no request succeeded, so these are the times of errors/);
    expect(out).toMatch(/answered \(503: \d+\)/);
  });

  it('drives a URL with a closed loop', async () => {
    const { url } = await serve();
    const { code, out } = await start('--url', url, '--connections', '2', '--seconds', '1', '--json').ended;
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ mode: 'closed', askedRate: null, correctedPercentiles: null, failed: 0 });
    expect(report.statuses).toEqual({ 200: report.answered });
  });

  it.each([1, 50])(
    'counts correctly if the server closes each connection after every %dth answer',
    async (closesAfter) => {
      const { url } = await serve(closesAfter);
      const { code, out } = await start('--url', url, '--connections', '4', '--seconds', '2', '--json').ended;
      expect(code).toBe(0);
      const { answered, failed, seconds, serviceMeanMicros, closedByServer, maxMicros } = JSON.parse(out);
      expect(failed).toBe(0);
      expect(Math.abs(closedByServer - answered / closesAfter)).toBeLessThan(2);
      // Four clients with one outstanding request each cannot wait longer in total than four times the duration of the run.
      expect((answered * serviceMeanMicros) / 1e6).toBeLessThan(4 * seconds * 1.05);
      expect(maxMicros).toBeLessThan(seconds * 1e6);
    },
  );

  it('refuses remote machines and invalid options, each in one line', async () => {
    const { code, out, err } = await start('--url', 'http://192.0.2.1/', '--rate', '1').ended;
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^tollgate: .* is not on this machine.*\n {2}.*\n$/);
    expect(await start('--rate', '1', '--nonsense').ended).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(
        /^tollgate: unknown option --nonsense: .*\ntollgate: --rate needs --url\n {2}.*--help.*\n$/,
      ),
    });
  });

  it('says that nothing listens at the URL', async () => {
    const { url } = await serve();
    for (const close of closers.splice(0)) await close();
    const { code, err } = await start('--url', url, '--rate', '1', '--seconds', '1').ended;
    expect(code).toBe(1);
    expect(err).toMatch(/^tollgate: cannot connect to 127\.0\.0\.1:\d+/);
  });

  it('ends with 130 on Ctrl-C and leaves no process', async () => {
    const { url, requested } = await serve();
    const { child, ended } = start('--url', url, '--rate', '50', '--seconds', '60');
    await requested;
    const helpers = await childrenOf(child.pid ?? 0);
    expect(helpers.length).toBe(1);
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 130, out: '', err: 'Stopping. Press Ctrl-C again to stop at once.\n' });
    expect(helpers.filter(isAlive)).toEqual([]);
  });

  it('leaves no process if a calibration is interrupted, and writes no result', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'calibrate-'));
    closers.push(() => rm(directory, { recursive: true }));
    const { child, ended } = start('--out', directory);
    if (child.stderr === null) throw new Error('no stderr');
    await once(child.stderr, 'data');
    const helpers = await childrenOf(child.pid ?? 0);
    expect(helpers.length).toBeGreaterThan(1);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(helpers.filter(isAlive)).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
  });
});
