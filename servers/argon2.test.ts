import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { byNode, byPackage } from './argon2.ts';

it.each([
  { memory: 64, passes: 1, parallelism: 1, tagLength: 32 },
  { memory: 256, passes: 3, parallelism: 2, tagLength: 24 },
])('gives the same hash by Node and by the package that stands in for it: %o', async (setting) => {
  for (const message of ['correct horse', randomBytes(18), 'ünïcode']) {
    const parameters = { ...setting, message, nonce: randomBytes(16) };
    expect((await byPackage(parameters)).toString('hex')).toBe((await byNode(parameters)).toString('hex'));
  }
});
