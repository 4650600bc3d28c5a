import { expect, it } from 'vitest';
import { hostsOf, isLoopback, ownershipFaults } from './hosts.ts';

it.each(['localhost', '127.0.0.1', '127.0.0.2', '::1', '[::1]', '::ffff:127.0.0.1'])(
  'takes %s for this machine',
  (host) => expect(isLoopback(host)).toBe(true),
);

it.each([
  'example.test',
  '10.0.0.1',
  '0.0.0.0',
  '128.0.0.1',
  'localhost.example.test',
  '127.0.0.1.example.test',
  '2130706433x',
])('takes %s for another host', (host) => expect(isLoopback(host)).toBe(false));

it('requires the name of every other host, and a limit', () => {
  const urls = ['http://127.0.0.1:1', 'http://one.test', 'http://two.test:8080'].map((url) => new URL(url));
  expect(ownershipFaults(urls, { owned: [], maxRps: null })).toEqual([
    'one.test is not this machine: confirm that you own it with --i-own-this-host one.test',
    'two.test is not this machine: confirm that you own it with --i-own-this-host two.test',
    'a host that is not this machine needs a rate limit, such as --max-rps 10',
  ]);
  expect(ownershipFaults(urls, { owned: ['one.test', 'two.test'], maxRps: 5 })).toEqual([]);
  expect(ownershipFaults(urls, { owned: ['one.test', 'two.test', 'three.test'], maxRps: 5 })).toHaveLength(1);
  expect(ownershipFaults([new URL('http://localhost')], { owned: [], maxRps: null })).toEqual([]);
});

it('asks the same for every other origin of a service', () => {
  const origin = { url: new URL('https://login.test:8443'), certificate: null, otherHost: 'login.test' };
  const hosts = hostsOf({ urls: [new URL('http://127.0.0.1:1')], origins: [origin] });
  expect(ownershipFaults(hosts, { owned: [], maxRps: 5 })).toEqual([
    'login.test is not this machine: confirm that you own it with --i-own-this-host login.test',
  ]);
  expect(ownershipFaults(hosts, { owned: ['login.test'], maxRps: 5 })).toEqual([]);
});
