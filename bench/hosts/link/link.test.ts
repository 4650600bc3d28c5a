/** Reasons for refusing hosts, from ssh and from the hosts themselves. */
import { expect, it } from 'vitest';
import type { HostEntry } from '../config/read.ts';
import { clockFault, factsFault, helloFault, isTooOld } from './refusals.ts';
import { refusalOf, sshArguments } from './ssh.ts';

const HOST: HostEntry = {
  name: 'replica-1',
  ssh: 'bench@10.0.0.2',
  address: '10.0.0.2',
  roles: ['stores'],
  node: "/opt/it's/node",
};
const HELLO = {
  hello: 'tollgate',
  node: '26.10.0',
  platform: 'linux',
  arch: 'x64',
  glibc: '2.36',
  cached: true,
} as const;
const HERE = { platform: 'linux', arch: 'x64', glibc: true };

it('runs ssh without prompts, checks the host key, and quotes for the remote shell', () => {
  const bundle = { bytes: Buffer.alloc(5), hash: 'ab', entry: 'bench/hosts/agent/main.ts', native: true };
  const words = sshArguments(HOST, '/etc/our config', bundle);
  expect(words.slice(0, 2)).toEqual(['-F', '/etc/our config']);
  for (const option of ['BatchMode=yes', 'StrictHostKeyChecking=yes', 'ConnectTimeout=10'])
    expect(words[words.indexOf(option) - 1]).toBe('-o');
  expect(words.slice(-3, -1)).toEqual(['--', 'bench@10.0.0.2']);
  expect(words.at(-1)).toMatch(/^exec '\/opt\/it'\\''s\/node' -e '\(function boot/);
  expect(words.at(-1)).toMatch(/' ab 5 bench\/hosts\/agent\/main\.ts$/);
});

it.each([
  [
    'No ED25519 host key is known for 10.0.0.2 and you have requested strict checking.\nHost key verification failed.',
    /has an unknown host key/,
  ],
  ['bench@10.0.0.2: Permission denied (publickey).', /refuses the login/],
  ['ssh: Could not resolve hostname nowhere: Name or service not known', /has a name that cannot be resolved/],
  ['ssh: connect to host 10.0.0.2 port 22: Connection refused', /has no ssh server at that port/],
  ['ssh: connect to host 10.0.0.2 port 22: No route to host', /does not answer ssh within 10 s/],
])('knows what ssh means by %j', (stderr, expected) => {
  expect(refusalOf(HOST, stderr, 255).message).toMatch(expected);
});

it('passes on unknown messages, without control characters', () => {
  expect(refusalOf(HOST, 'kex_exchange: \u001b[31mbad\n', 255).message).not.toContain('\u001b');
  expect(refusalOf(HOST, '', 1).message).toBe('host replica-1 cannot be used: ssh ended with exit code 1');
});

it('accepts Node.js from 22.19 on', () => {
  expect(['12.22.0', '20.19.5', '22.18.0', '22.19.0', '24.0.0'].map(isTooOld)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

it('refuses another platform for packages with native code', () => {
  const faultOf = (hello: Partial<typeof HELLO> | { arch: string } | { glibc: null }, native = true) =>
    helloFault(HOST, { ...HELLO, ...hello }, { native }, HERE)?.message ?? null;
  expect(faultOf({})).toBeNull();
  expect(faultOf({ arch: 'arm64' })).toBe('host replica-1 is linux arm64, but the packages here are for linux x64');
  expect(faultOf({ glibc: null })).toMatch(/is linux x64 without glibc, but/);
  expect(faultOf({ arch: 'arm64' }, false)).toBeNull();
});

it('requires a Redis for the role stores, and a clock offset of at most 10 s', () => {
  const facts = { cpuModel: 'x', cores: 2, memoryBytes: 1, kernel: '6', node: 'v26', accounts: 'threads' };
  expect(factsFault(HOST, { ...facts, redis: null })?.message).toMatch(/has the role stores, but no Redis/);
  expect(factsFault(HOST, { ...facts, redis: 'Redis 7' })).toBeNull();
  expect(factsFault({ ...HOST, roles: ['replicas'] }, { ...facts, redis: null })).toBeNull();
  const off = (offsetMs: number) => clockFault(HOST, { offsetMs, uncertaintyMs: 500, roundTrips: 20 })?.message ?? null;
  expect([off(0), off(10_400), off(-10_400)]).toEqual([null, null, null]);
  expect(off(-120_000)).toMatch(/is 120 s behind the one here/);
});
