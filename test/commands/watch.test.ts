/** `npm run watch` as a process: its page, its clients, its end, and its low priority beside a run. */
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type BenchProcess, descendants, startBench, stillAlive, until } from '../support/bench-process.ts';
import { afterLine, recordedLines } from '../support/watching/live-run.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-watch-'));
const started: BenchProcess[] = [];
afterAll(() => {
  // A page is served until it is stopped, which a failed test has not done.
  for (const { child } of started) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function startWatch(args: readonly string[]): BenchProcess {
  const process = startBench(['watch', ...args], {}, root);
  started.push(process);
  return process;
}

interface Reply {
  readonly status: number | undefined;
  readonly policy: string;
  readonly body: string;
}

/** As sent by a browser after DNS rebinding. */
function ask(address: string, host: string, method = 'GET', path = '/'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(address);
    request({ host: '127.0.0.1', port, path, method, headers: { host }, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => {
        const policy = String(response.headers['content-security-policy'] ?? '');
        resolve({ status: response.statusCode, policy, body });
      });
    })
      .on('error', reject)
      .end();
  });
}

async function addressOf({ child }: BenchProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (more: string) => {
    text += more;
  });
  return until('the page has an address', () => /http:\/\/127\.0\.0\.1:\d+\//.exec(text)?.[0]);
}

describe('a page that follows the newest run', () => {
  const hostile = '<img src=x onerror=alert(1)>';

  it('answers only this machine, escapes its content, lowers its priority, and stops all its processes on Ctrl-C', async () => {
    const folder = join(root, 'results', 'one');
    mkdirSync(folder, { recursive: true });
    const lines = recordedLines(75);
    const [header = ''] = lines;
    const marked = header.replace(/"runId":"[^"]*"/, `"runId":${JSON.stringify(hostile)}`);
    writeFileSync(join(folder, 'journal.jsonl'), `${marked}\n`);
    const process = startWatch(['--port', '0']);
    const address = await addressOf(process);
    const { port } = new URL(address);

    const answer = () => ask(address, `localhost:${port}`);
    await expect
      .poll(async () => (await answer()).body, { timeout: 30_000 })
      .toContain('Running security checks before the load.');
    const page = await answer();
    expect(page.body).not.toContain(hostile);
    expect(page.body).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page.policy).toMatch(/^default-src 'none'; .*script-src 'sha256-[^ ]+';.*frame-ancestors 'none'$/);

    for (const host of ['rebound.example', `rebound.example:${port}`, '127.0.0.1', `127.0.0.1.example:${port}`])
      expect(await ask(address, host), host).toMatchObject({ status: 421 });
    expect(await ask(address, `127.0.0.1:${port}`, 'POST')).toMatchObject({ status: 405 });
    expect(await ask(address, `127.0.0.1:${port}`, 'GET', '/../package.json')).toMatchObject({ status: 404 });
    expect(await ask(address, `127.0.0.1:${port}`, 'GET', '/report')).toMatchObject({ status: 404 });

    // Field 19 of stat(5) is the nice value.
    const pid = process.child.pid ?? 0;
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    expect(fields[16]).toBe('19');

    const other = await startWatch(['--port', port]).ended;
    expect(other).toMatchObject({ code: 2, stdout: '' });
    expect(other.stderr).toContain(`--port: ${port} is in use on 127.0.0.1`);

    // A reader is connected and figures must be computed: that process ends with the page.
    appendFileSync(
      join(folder, 'journal.jsonl'),
      lines.slice(1, afterLine(lines, 'experiment-ended')).join('\n').concat('\n'),
    );
    const events = request({ host: '127.0.0.1', port, path: '/events', headers: { host: `localhost:${port}` } });
    const closed = once(events, 'close');
    events.on('response', (response) => response.resume()).on('error', () => {});
    events.end();
    const children = await until('figures are made', () => {
      const found = descendants(pid);
      return found.length > 0 ? found : null;
    });
    process.child.kill('SIGINT');
    await closed;
    expect(await process.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('Stopping.') });
    expect(stillAlive(children)).toEqual([]);
  });

  it('refuses a file instead of a folder, and reports all errors at once', async () => {
    writeFileSync(join(root, 'file'), '');
    const { code, stderr } = await startWatch(['file', '--port', '70000', '--every', 'soon']).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('"file" is not a folder');
    expect(stderr).toContain('--port: "70000" must be a whole number from 0 to 65535');
    expect(stderr).toContain('--every: "soon" must be a time');
  });
});
