import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { knownRun } from '../../core/advise/testing/known-run.ts';
import { KNOWN_PRICES } from '../../core/advise/testing/prices.ts';
import { writeRun } from '../../core/results/run-file.ts';

const CLI = join(import.meta.dirname, '../../cli/main.ts');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-advise-cli-'));
  mkdirSync(join(folder, 'results/latest'), { recursive: true });
  mkdirSync(join(folder, 'bare'));
  writeRun(join(folder, 'results/latest'), knownRun());
  writeRun(join(folder, 'bare'), knownRun({ experiments: [] }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function adviseIn(cwd: string, ...args: string[]) {
  return spawnSync(process.execPath, [CLI, 'advise', ...args], { encoding: 'utf8', cwd, maxBuffer: 2 ** 26 });
}
const advise = (...args: string[]) => adviseIn(folder, ...args);

test('answers from the latest run, as text and as JSON', () => {
  const { status, stdout, stderr } = advise('--clients', 'api', '--revoke-within', '5m');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('jwt-refresh: of 2 arms that meet the requirements it takes the least CPU time.');
  const json = JSON.parse(advise('--clients', 'api', '--revoke-within', '5m', '--json').stdout);
  expect(json).toMatchObject({
    run: { runId: 'known', reference: false },
    needs: { clients: ['api'], revokeWithinMs: 300_000, criticalWithinMs: 300_000 },
    first: ['jwt-refresh'],
    certainty: 'supported',
    flips: { numbers: [{ need: 'revokeWithinMs', first: ['jwt-denylist'] }, expect.anything()] },
  });
});

test('exits with 1 if nothing fits, and says which requirements exclude each other', () => {
  const { status, stdout } = advise('--revoke-within', '0', '--store', 'none');
  expect(status).toBe(1);
  expect(stdout).toContain('No arm of this run meets the requirements.');
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'None can at the same time keep state only where allowed and refuse revoked credentials in time',
  );
});

test('says which figures a run lacks, and the command that measures them', () => {
  const { status, stdout } = advise('--run', 'bare', '--clients', 'api', '--revoke-within', '5m');
  expect(status).toBe(0);
  expect(stdout).toContain('This run does not show which takes the least');
  expect(stdout.replace(/\s+/g, ' ')).toContain('npm run bench -- --arms none,jwt-denylist,jwt-refresh');
});

test('plans hosts, shards, network and money on the hosts of a file, and marks all of it as modelled', () => {
  const file = join(folder, 'prices.json');
  writeFileSync(file, JSON.stringify(KNOWN_PRICES));
  const args = ['--clients', 'api', '--revoke-within', '5m', '--prices', file, '--at', '1e7,1e5'];
  const { status, stdout } = advise(...args);
  expect(status).toBe(0);
  expect(stdout).toContain('Plan at scale: every number comes from a model');
  expect(stdout.indexOf('Model: 100,000 requests')).toBeLessThan(stdout.indexOf('Model: 10 million requests'));
  const { plan } = JSON.parse(advise(...args, '--json').stdout);
  expect(plan).toMatchObject({ source: 'model', prices: KNOWN_PRICES });
  expect(new Set(plan.plans.map((one: { source: string }) => one.source))).toEqual(new Set(['model']));
  expect(plan.plans.map((one: { arm: string; requestsPerSecond: number }) => [one.arm, one.requestsPerSecond])).toEqual(
    [
      ['jwt-denylist', 1e5],
      ['jwt-refresh', 1e5],
      ['jwt-denylist', 1e7],
      ['jwt-refresh', 1e7],
    ],
  );
  writeFileSync(file, '{"currency":"EUR","traffic":{"inPerGb":-1}}');
  const wrong = advise('--prices', file, '--users', 'many');
  expect(wrong.status).toBe(2);
  for (const fault of ['/hosts is missing', '/traffic/outPerGb is missing', '/traffic/inPerGb must be >= 0', '--users'])
    expect(wrong.stderr).toContain(fault);
  expect(advise('--at', '1e6').stderr).toContain('--at needs a file of prices');
});

test('reports all errors of a command line at once', () => {
  const { status, stderr } = advise(
    '--users',
    'many',
    '--clients',
    'fridge',
    '--budget',
    '5',
    '--adr',
    'no/such/folder.md',
  );
  expect(status).toBe(2);
  for (const flag of ['--users', '--clients', '--adr']) expect(stderr).toContain(flag);
});

test('says what is missing if there is no run, or if the file is of another kind', () => {
  const empty = mkdtempSync(join(tmpdir(), 'tollgate-advise-empty-'));
  const named = adviseIn(empty, '--run', 'nowhere');
  rmSync(empty, { recursive: true });
  expect(named.status).toBe(2);
  expect(named.stderr).toContain('nowhere/run.json not found');
});

test('writes a decision record once, and never overwrites one', () => {
  const file = join(folder, '0001.md');
  const args = ['--clients', 'api', '--revoke-within', '5m', '--adr', file];
  expect(advise(...args)).toMatchObject({ status: 0, stderr: `Wrote ${file}.\n` });
  expect(readFileSync(file, 'utf8')).toContain('# Authenticate with `jwt-refresh`');
  const again = advise(...args);
  expect(again.status).toBe(2);
  expect(again.stderr).toContain('exists');
  const none = join(folder, '0002.md');
  const undecided = advise('--revoke-within', '0', '--store', 'none', '--adr', none);
  expect(undecided.stderr).toContain('No arm ranks first');
  expect(existsSync(none)).toBe(false);
});

test('uses the defaults if it cannot ask, and ends on a signal while it asks', async () => {
  expect(advise().stderr).toContain('the defaults apply');
  // A pseudo-terminal from util-linux, which every Linux system here has.
  const child = spawn('script', ['-qec', `${process.execPath} ${CLI} advise`, '/dev/null'], { cwd: folder });
  let shown = '';
  let isLeaving = false;
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (!isLeaving && shown.includes('[100000]: ')) {
      isLeaving = true;
      child.stdin.write('\u0003');
    }
  });
  const [code] = (await once(child, 'exit')) as [number];
  expect(shown).toContain('Users logged in at the same time [100000]: ');
  expect(code).toBe(130);
});
