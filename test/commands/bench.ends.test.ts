/** Runs that end early. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRun } from '../../core/results/run-file.ts';
import { descendants, journalLines, startBench, stillAlive, until } from '../support/bench-process.ts';
import { readExposition } from '../support/watching/exposition.ts';
import { pathOf, plain, startCollector } from '../support/watching/otlp.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-ends-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs use a separate folder, so that they do not change the user's results/latest. */
const bench = (args: readonly string[], env?: Record<string, string | undefined>) =>
  startBench(['bench', ...args], env, root);
const TOLL = ['--arms', 'none,session-redis', '--experiments', 'toll', '--seed', '7'];

describe('a run', () => {
  it('leaves no process behind when it is killed, and --resume finishes it', async () => {
    const directory = join(root, 'killed');
    const { child, ended } = bench([...TOLL, '--budget', '2s', '--out', directory]);
    await until('a first slice was journalled', () => journalLines(directory, 'slice').length > 0);
    const below = descendants(child.pid ?? 0);
    child.kill('SIGKILL');
    await ended;
    await until('every process of the run was gone', () => stillAlive(below).length === 0);
    const before = journalLines(directory, 'slice');

    const resumed = await bench(['--resume', directory]).ended;
    expect(resumed.code).toBe(0);
    const run = readRun(directory);
    expect(run.complete).toBe(true);
    expect(journalLines(directory, 'slice').slice(0, before.length)).toEqual(before);
    expect(journalLines(directory, 'slice').length).toBeGreaterThan(before.length);
  });

  it('serves metrics and sends a trace, keeps its measurements on Ctrl-C and ends with 130', async () => {
    const directory = join(root, 'interrupted');
    const collector = await startCollector();
    const watched = ['--metrics-port', '0', '--trace-endpoint', collector.url];
    // Both kinds of credentials, which must not be published.
    const arms = ['--arms', 'none,session-redis,jwt-hs256', ...TOLL.slice(2)];
    const { child, ended } = bench([...arms, '--budget', '60s', '--out', directory, ...watched]);
    let said = '';
    child.stderr?.on('data', (text: string) => {
      said += text;
    });
    // The first block warms up and makes no figures.
    const counts = ({ mode }: { mode?: unknown }) => mode === 'paired';
    await until('a first slice that counts was journalled', () => journalLines(directory, 'slice').some(counts));
    const [address = ''] = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(said) ?? [];
    const { samples } = readExposition(await (await fetch(address)).text());
    const requests = samples.filter(({ name, value }) => name === 'tollgate_requests_total' && value > 0);
    expect(requests.map(({ labels }) => labels.experiment)).toContain('toll');
    expect(samples).toContainEqual({ name: 'tollgate_run_phase', labels: { phase: 'measuring' }, value: 1 });
    const below = descendants(child.pid ?? 0);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain('--resume');
    expect(stillAlive(below)).toEqual([]);
    const run = readRun(directory);
    expect(run.interrupted).toBe(true);
    expect(run.figures.length).toBeGreaterThan(0);
    collector.close();
    expect(stderr).not.toContain('did not reach');
    const spans = collector.spans();
    const whole = spans.find(({ name }) => name === 'run');
    expect(plain(whole?.attributes ?? [])).toMatchObject({
      'tollgate.run_id': run.runId,
      'tollgate.interrupted': true,
    });
    const paths = new Set(spans.map((span) => pathOf(span, spans)));
    expect(paths).toContain('run / experiment toll / start 1 / block 1 / session-redis');
    expect([...paths].filter((path) => !path.startsWith('run'))).toEqual([]);
    // The run logged in, and sent tokens and cookies; none of them may be visible.
    expect(collector.bodies().join('')).not.toMatch(/cookie|bearer|authorization|password|eyJ/i);
  });

  it('ends on Ctrl-C while servers are warmed up, with nothing measured', async () => {
    const directory = join(root, 'cold');
    const { child, ended } = bench([...TOLL, '--budget', '60s', '--out', directory]);
    // A fork is written to the journal once its servers have started; the warm-up comes next.
    await until('servers had started', () => journalLines(directory, 'fork').length > 0);
    const below = descendants(child.pid ?? 0);
    child.kill('SIGINT');
    const { code } = await ended;
    expect(code).toBe(130);
    expect(stillAlive(below)).toEqual([]);
    expect(journalLines(directory, 'slice')).toEqual([]);
  });

  it('names a replica that dies during a slice, keeps earlier blocks, and continues with the next experiment', async () => {
    const directory = join(root, 'died');
    const { child, ended } = bench([
      ...TOLL.slice(0, 2),
      '--experiments',
      'toll,hot-path',
      '--budget',
      '8s',
      '--out',
      directory,
    ]);
    await until('a first slice was journalled', () => journalLines(directory, 'slice').length > 0);
    const replica = descendants(child.pid ?? 0).find(({ command }) => command.includes('servers/process/replica.ts'));
    if (replica === undefined) throw new Error('no replica runs');
    process.kill(replica.pid, 'SIGKILL');
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/a replica of \S+ \(process \d+\) ended with SIGKILL/);
    const run = readRun(directory);
    expect(run.experiments.map(({ name }) => name)).toEqual(['toll', 'hot-path']);
    expect(run.experiments[0]?.stoppedBy).toBe('failed');
    expect(['plan', 'budget']).toContain(run.experiments[1]?.stoppedBy);
    expect(run.experiments[1]?.requests).toBeGreaterThan(0);
    expect(run.experiments[0]?.requests).toBeGreaterThan(0);
  });
});
