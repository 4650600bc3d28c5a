/** A search through a history, as a user starts it. */
import { expect, it } from 'vitest';
import { comparisons } from '../support/comparisons.ts';

const { askTwice, clone, run } = comparisons();

it('finds the commit that asks Redis once more', async () => {
  clone().git('checkout', '--quiet', '-b', 'history');
  const commits: string[] = [];
  for (const step of ['one', 'two', 'three', 'four']) {
    if (step === 'three') askTwice();
    clone().patch('servers/http/burn.ts', 'export ', `// ${step}\nexport `);
    commits.push(clone().commit(`Step ${step}`));
  }
  const args = ['bisect', '--good', 'main', '--bad', 'history', '--arm', 'session-redis-lean', '--json'];
  const { code, stdout, stderr } = await run(...args, '--metric', 'redis_commands_per_request');
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ candidates: [commits[2]], confidence: 1, commits: 4 });
});
