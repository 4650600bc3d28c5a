/** Two builds of a service: a head that verifies less is not measured, and costs are compared turn by turn. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startGenerator } from '../../bench/load/generator.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { checkOut } from '../../cli/target/exported-commit.ts';
import { thenEnding } from '../../core/errors.ts';
import { runFork } from '../../regression/compare/fork.ts';
import type { CompareReport } from '../../regression/compare/report.ts';
import { makeEnvironment } from '../../regression/environment.ts';
import { parseService } from '../../target/config/service.ts';
import { meet } from '../../target/gate/subject.ts';
import { startOf } from '../../target/measure/fleet.ts';
import { startService } from '../../target/process/fleet.ts';
import { startBench } from '../support/bench-process.ts';
import { shopConfig } from '../support/shop.ts';

let root: string;
let janitor: Janitor;
beforeEach(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'tollgate-test-target-compare-')));
  janitor = await Janitor.start();
});
afterEach(async () => {
  await janitor.finish();
  rmSync(root, { recursive: true, force: true });
});

it('measures no head that verifies less than its base, and names the check', async () => {
  const sound = shopConfig({ kind: 'session' }, root);
  const faulty = shopConfig({ kind: 'session', faults: ['httponly'] }, root);
  const [base, head] = ['base.json', 'head.json'].map((name) => join(root, name));
  writeFileSync(base ?? '', JSON.stringify(sound.value));
  writeFileSync(head ?? '', JSON.stringify(faulty.value));
  const args = ['target', 'compare', base ?? '', head ?? '', '--budget', '1s', '--json'];
  const { code, stdout } = await startBench(args, sound.env, root).ended;
  expect(code).toBe(1);
  const report = JSON.parse(stdout) as CompareReport & { faults: string[] };
  expect(report.arms).toEqual([]);
  expect(report.faults).toHaveLength(1);
  expect(report.faults[0]).toMatch(/^shop: security check 33 .* fails in head, but passes in base/);
});

it('checks replicas whose certificates are self-signed, with --insecure-loopback', async () => {
  const build = (faults: readonly string[]) => {
    const { value } = shopConfig({ kind: 'session', faults }, root);
    const { start } = value;
    const name = join(root, `tls-${faults.length}.json`);
    const secured = { ...start, https: true, environment: { ...start.environment, TLS: '1' } };
    writeFileSync(name, JSON.stringify({ ...value, start: secured }));
    return name;
  };
  const { env } = shopConfig({ kind: 'session' }, root);
  const args = ['target', 'compare', build([]), build(['httponly']), '--insecure-loopback', '--budget', '1s', '--json'];
  const { code, stdout } = await startBench(args, env, root).ended;
  expect(code).toBe(1);
  const { faults } = JSON.parse(stdout) as { faults: string[] };
  expect(faults).toEqual([expect.stringMatching(/^shop: security check 33 .* fails in head, but passes in base/)]);
});

it('loads both builds in turns, and has no garbage collection figures for them', async () => {
  const { value, env } = shopConfig({ kind: 'session' }, root);
  const service = parseService('service.json', JSON.stringify(value), { folder: root, env });
  const { signal } = new AbortController();
  const onNote = () => {};
  const met = await startService(service, { janitor, accounts: null, signal, onNote });
  const { arm } = await meet(service, met.replicas[0]?.endpoint ?? { host: '', port: 0, certificate: null });
  await met.stop();
  const start = startOf(service, 'guarded', { signal, onNote });
  const foreign = new Map([
    ['base', start],
    ['head', start],
  ]);
  const generator = startGenerator(janitor);
  await thenEnding(
    async () => {
      const sides = ['base', 'head'].map((name) => ({ name, arm: { ...arm, name } }));
      const environment = { ...(await makeEnvironment(janitor)), foreign };
      const pace = { optimised: 'byDefault', warmUpMs: 500, turns: 4, batchesPerTurn: 2 } as const;
      const { turns } = await runFork(environment, generator, sides, pace, 1, signal);
      expect([...turns.keys()]).toEqual(['base', 'head']);
      for (const own of turns.values()) {
        expect(own.length).toBeGreaterThan(0);
        for (const { replicaUs, pausedMs } of own) {
          expect(replicaUs).toBeGreaterThan(0);
          expect(pausedMs).toBeNull();
        }
      }
    },
    () => generator.stop(),
  );
});

it('takes the files of a commit, and the packages of the working tree only if they are the same', async () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: root, stdio: 'ignore' });
  const shop = join(root, 'shop');
  mkdirSync(join(shop, 'node_modules'), { recursive: true });
  writeFileSync(join(root, '.gitignore'), 'node_modules\n');
  writeFileSync(join(shop, 'package.json'), '{}');
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'First');
  const { value, env } = shopConfig({ kind: 'session' }, root);
  const config = { ...value, start: { ...value.start, directory: 'shop' } };
  const service = parseService('service.json', JSON.stringify(config), { folder: root, env });
  const before = await checkOut(service, 'HEAD', janitor);
  expect(before.launch?.directory).toMatch(/tollgate-target-.*\/shop$/);
  expect(realpathSync(join(before.launch?.directory ?? '', 'node_modules'))).toBe(join(shop, 'node_modules'));
  writeFileSync(join(shop, 'package.json'), '{"dependencies":{}}');
  await expect(checkOut(service, 'HEAD', janitor)).rejects.toThrow(/package.json differs at HEAD/);
  await expect(checkOut(service, 'no-such-branch', janitor)).rejects.toThrow(/neither a folder nor a commit/);
});
