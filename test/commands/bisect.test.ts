/** A bisection of a history, from the command line. */
import { expect, it } from 'vitest';
import { comparisons } from '../support/comparisons.ts';

const { askTwice, clone, run } = comparisons();

it('finds the commit that adds a Redis command', async () => {
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

it('names the security checks that the bad commit fails, before it searches for a cost', async () => {
  const signature = 'if (!signer.matches(token.slice(0, end), token.slice(end + 1))) return null;';
  clone().git('checkout', '--quiet', '-b', 'careless', 'main');
  clone().patch('servers/schemes/own-token.ts', signature, '');
  clone().commit('Check no signature');
  const { code, stderr } = await run('bisect', '--good', 'main', '--bad', 'careless', '--arm', 'jwt-hs256-lean');
  expect(stderr).toMatch(
    /jwt-hs256-lean: security check 5 \(.*\) fails in bad \(\w+ Check no signature\), but passes in the good commit/,
  );
  expect(code).toBe(1);
});

it('requires two commits, the older one as good', async () => {
  const same = await run('bisect', '--good', 'main', '--bad', 'main');
  expect(same).toMatchObject({ code: 2, stderr: expect.stringMatching(/--good and --bad are the same commit/) });
  clone().git('checkout', '--quiet', '-b', 'later', 'main');
  clone().patch('servers/http/burn.ts', 'export ', '// Later.\nexport ');
  clone().commit('Come later');
  const turned = await run('bisect', '--good', 'later', '--bad', 'main');
  expect(turned).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/not an ancestor of --bad\n.*an older commit/),
  });
});
