/** Comparisons from the command line, in a clone that tests may break; they leave nothing behind. */
import { expect, it } from 'vitest';
import { descendants, stillAlive, until } from '../support/bench-process.ts';
import { comparisons } from '../support/comparisons.ts';

const { askTwice, clone, leftovers, run, start } = comparisons();
const BURN_FROM = 'if (options.burnIterations !== undefined) installBurn(app, options.burnIterations);';

it('fails at once for one more Redis command', async () => {
  askTwice();
  const { code, stdout } = await run('compare', '--base', 'HEAD', '--arms', 'session-redis-lean', '--guards-only');
  expect(code).toBe(1);
  expect(stdout).toMatch(/RED: session-redis-lean: redis_commands_per_request rose from 1 to 2/);
});

it('lists arms that only one of the two builds has', async () => {
  clone().patch('servers/arms/tokens.ts', "'jwt-eddsa'", "'jwt-edwards'");
  const args = ['compare', '--base', 'HEAD', '--arms', 'jwt-eddsa,jwt-edwards', '--guards-only'];
  const { code, stdout } = await run(...args);
  expect(stdout).toMatch(/jwt-eddsa\n\s+only in base[\s\S]*jwt-edwards\n\s+only in head/);
  expect(code).toBe(0);
});

it('reports an unknown commit in one line, and all other invalid flags', async () => {
  const missing = await run('compare', '--base', 'no-such-branch');
  expect(missing.code).toBe(2);
  expect(missing.stderr).toMatch(/--base: "no-such-branch" is neither a folder nor a commit/);
  const wrong = await run('compare', '--margin', '0', '--budget', 'soon', '--metric', 'cpu_us_per_reqest');
  expect(wrong.code).toBe(2);
  for (const fault of ['--base is missing', '--budget: "soon"', '--margin: "0"', 'did you mean cpu_us_per_request?']) {
    expect(wrong.stderr).toContain(fault);
  }
  expect(leftovers()).toEqual([]);
});

it('names a base that cannot be installed', async () => {
  clone().git('checkout', '--quiet', '-b', 'broken-lock');
  // A package at a path that does not exist: refused without asking a registry.
  clone().patch('package.json', '"dependencies": {', '"dependencies": {\n    "gone": "file:./gone.tgz",');
  clone().patch('package-lock.json', '"dependencies": {', '"dependencies": {\n        "gone": "file:./gone.tgz",');
  const broken = clone().commit('Ask for what is gone');
  clone().git('checkout', '--quiet', '--force', 'main');
  const { code, stderr } = await run('compare', '--base', broken, '--arms', 'none', '--guards-only');
  expect(stderr).toMatch(/base \(\w+ Ask for what is gone\) cannot be installed: .+/);
  expect(code).toBe(3);
  expect(leftovers()).toEqual([]);
});

it('names a base that does not start', async () => {
  clone().git('checkout', '--quiet', '-b', 'broken-app');
  clone().patch('servers/http/app.ts', BURN_FROM, 'throw new Error("broken on purpose");');
  const broken = clone().commit('Break it');
  clone().git('checkout', '--quiet', '--force', 'main');
  const { code, stderr } = await run('compare', '--base', broken, '--arms', 'none', '--guards-only');
  expect(stderr).toMatch(/base \(\w+ Break it\) does not run: .*broken on purpose/);
  expect(code).toBe(3);
  expect(leftovers()).toEqual([]);
});

it.each(['SIGINT', 'SIGKILL'] as const)('leaves no process and no folder after %s', async (signal) => {
  const { child, ended } = start('compare', '--base', 'HEAD', '--arms', 'none', '--anyway', '--budget', '60s');
  const found = await until('its servers run', () => {
    const all = descendants(child.pid ?? 0);
    return all.filter(({ command }) => command.includes('replica.ts')).length >= 2 && all;
  });
  child.kill(signal);
  const { code } = await ended;
  if (signal === 'SIGINT') expect(code).toBe(130);
  await until('all is gone', () => stillAlive(found).length === 0 && leftovers().length === 0);
});
