import { expect, it } from 'vitest';
import { freshSecrets, testUsers } from '../test/support/servers.ts';
import { ArmList } from './contract.ts';
import { StartMessage } from './messages.ts';
import { faultIn, fits } from './validate.ts';

const secrets = freshSecrets();
const start = { type: 'start', arm: 'none', host: '127.0.0.1', port: 0, secrets, users: testUsers() };

it('accepts what the contract says', () => {
  expect(fits(StartMessage, start)).toBe(true);
  expect(faultIn(StartMessage, start)).toBeNull();
  expect(fits(StartMessage, { ...start, settings: { allowedOrigins: ['https://shop.example'] } })).toBe(true);
  expect(fits(ArmList, { arms: [] })).toBe(true);
});

it.each([
  ['/port', { port: 70_000 }],
  ['/secrets/hmacKey', { secrets: { ...secrets, hmacKey: 4711 } }],
  ['its top', { arm: undefined }],
  ['/settings', { settings: { idleTimeout: 5 } }],
  ['/settings/allowedOrigins/0', { settings: { allowedOrigins: ['*'] } }],
  ['/users/0/passwordHash', { users: [{ ...testUsers()[0], passwordHash: 'plain' }] }],
])('says that a message is wrong at %s', (where, change) => {
  const message = JSON.parse(JSON.stringify({ ...start, ...change }));
  expect(fits(StartMessage, message)).toBe(false);
  expect(faultIn(StartMessage, message)).toMatch(new RegExp(`^${where}: must `));
});

it('never quotes what a message holds', () => {
  const secret = 'c2VjcmV0IG9mIHRoaXMgdGVzdA';
  for (const wrong of [
    { ...start, secrets: { ...secrets, [secret]: secret } },
    { ...start, secrets: { ...secrets, hmacKey: [secret] } },
    { ...start, users: [{ ...testUsers()[0], passwordHash: secret }] },
    { ...start, type: secret },
  ]) {
    const fault = faultIn(StartMessage, wrong);
    expect(fault).toBeTypeOf('string');
    expect(fault).not.toContain(secret);
  }
});
