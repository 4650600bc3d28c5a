import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UsageError } from '../../../core/errors.ts';
import { parseHosts } from './read.ts';
import { hostsSchema } from './schema.ts';

const GENERATOR = { name: 'generator-1', address: '10.0.0.1', roles: ['generators'] };
const REPLICA = { name: 'replica-1', ssh: 'bench@10.0.0.2', address: '10.0.0.2', roles: ['replicas', 'stores'] };
const RIGHT = { hosts: [GENERATOR, REPLICA] };

function faultsOf(value: unknown): readonly string[] {
  try {
    parseHosts('hosts.json', typeof value === 'string' ? value : JSON.stringify(value));
  } catch (error) {
    if (error instanceof UsageError) return error.faults.map((fault) => fault.replace('hosts.json: ', ''));
    throw error;
  }
  return [];
}

it('fills in defaults', () => {
  expect(parseHosts('hosts.json', JSON.stringify(RIGHT))).toEqual({
    hosts: [
      { ...GENERATOR, ssh: 'generator-1', node: 'node' },
      { ...REPLICA, node: 'node' },
    ],
    balancer: null,
    sshConfig: null,
  });
});

it('reports every fault of shape at once, with its location', () => {
  const faults = faultsOf({
    hosts: [
      { ...GENERATOR, ssh: '-oProxyCommand=touch /tmp/x', roles: ['proxy'] },
      { name: 'replica-1', rolls: [] },
    ],
    sharehosts: true,
  });
  expect(faults.map((fault) => fault.split(' ').slice(0, 3).join(' '))).toEqual(
    expect.arrayContaining([
      '/sharehosts is unknown',
      '/hosts/0/ssh has an',
      '/hosts/0/roles/0 has an',
      '/hosts/1/address is missing',
      '/hosts/1/roles is missing',
      '/hosts/1/rolls is unknown',
    ]),
  );
  expect(faultsOf('{')[0]).toMatch(/^the file is not JSON/);
});

it('reports every semantic fault at once', () => {
  const both = { ...GENERATOR, roles: ['generators', 'replicas'] };
  expect(faultsOf({ hosts: [both, { ...REPLICA, address: '127.0.0.1' }, both], sshConfig: 'nowhere' })).toEqual([
    '/hosts/2/name is also that of /hosts/0 (give one host all its roles)',
    '/hosts/2/address is also that of /hosts/0 (give one host all its roles)',
    expect.stringMatching(/^\/hosts\/0\/roles put a generator next to a replica/),
    expect.stringMatching(/^\/hosts\/1\/address cannot be reached from another host/),
    expect.stringMatching(/^\/hosts\/2\/roles put a generator next to a replica/),
    expect.stringMatching(/^\/sshConfig is a file that does not exist/),
  ]);
  expect(faultsOf({ hosts: [both, REPLICA], shareHosts: true })).toEqual([]);
  expect(faultsOf({ hosts: [REPLICA, { ...REPLICA, name: 'replica-2', address: '10.0.0.3' }] })).toEqual([
    '/hosts have no host for generators (add the role to one)',
  ]);
});

const BALANCER = { name: 'lb-1', address: '10.0.0.9', roles: ['balancer'] };

it('puts one balancer between generators and replicas, with default settings or those of the file', () => {
  const hosts = [...RIGHT.hosts, BALANCER];
  const planOf = (value: object) => parseHosts('hosts.json', JSON.stringify(value)).balancer;
  expect(planOf({ hosts })).toEqual({ choice: 'round-robin', processes: null, port: null });
  const balancer = { choice: 'least-connections', processes: 2, port: 8080 };
  expect(planOf({ hosts, balancer })).toEqual(balancer);
  expect(faultsOf({ hosts, balancer: { choice: 'random', port: 0, retries: 1 } })).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^\/balancer\/choice has an unexpected form/),
      expect.stringMatching(/^\/balancer\/port/),
      expect.stringMatching(/^\/balancer\/retries is unknown/),
    ]),
  );
});

it('refuses a balancer without replicas behind it, a second one, or one that shares a host without permission', () => {
  const second = { ...BALANCER, name: 'lb-2', address: '10.0.0.10' };
  expect(faultsOf({ hosts: [...RIGHT.hosts, BALANCER, second] })).toEqual([
    '/hosts/3/roles name a second balancer in addition to /hosts/2 (give one host the role)',
  ]);
  expect(faultsOf({ hosts: [GENERATOR, BALANCER] })).toEqual([
    '/hosts have no host for replicas, so the balancer has nothing behind it (add the role to one)',
  ]);
  expect(faultsOf({ ...RIGHT, balancer: {} })).toEqual([
    '/balancer configures a role that no host has (give one host the role balancer, or leave it out)',
  ]);
  const sharing = (role: string) => [...RIGHT.hosts, { ...BALANCER, roles: ['balancer', role] }];
  expect(faultsOf({ hosts: sharing('generators') })).toEqual([
    '/hosts/2/roles put a generator next to the balancer, so they compete for its cores (give them separate hosts, or set "shareHosts": true)',
  ]);
  expect(faultsOf({ hosts: sharing('replicas') })).toEqual([
    expect.stringMatching(/^\/hosts\/2\/roles put the balancer next to a replica/),
  ]);
  expect(faultsOf({ hosts: sharing('generators'), shareHosts: true })).toEqual([]);
});

it('has a schema file in the repository', () => {
  const written: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../../hosts.schema.json'), 'utf8'));
  expect(written).toEqual(JSON.parse(JSON.stringify(hostsSchema())));
});
