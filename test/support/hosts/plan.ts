/** Bench runs on hosts that are namespaces. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostsConfig, Role } from '../../../bench/hosts/config/schema.ts';
import type { Network, TestHost } from './namespaces.ts';

/** `generator-1` has the role generators. */
export function roleOf({ name }: Pick<TestHost, 'name'>): Role {
  if (name.startsWith('generator')) return 'generators';
  if (name.startsWith('balancer')) return 'balancer';
  return name.startsWith('replica') ? 'replicas' : 'stores';
}

/** Writes a hosts.json for some hosts of a network. @returns its path */
export function writeHosts(
  network: Network,
  hosts: readonly TestHost[],
  nodes: Readonly<Record<string, string>> = {},
  balancer?: HostsConfig['balancer'],
) {
  const path = join(network.folder, `hosts-${hosts.map(({ name }) => name).join('-')}.json`);
  const entries = hosts.map((host) => ({
    name: host.name,
    address: host.address,
    roles: [roleOf(host)],
    node: nodes[host.name] ?? process.execPath,
  }));
  writeFileSync(path, JSON.stringify({ sshConfig: 'ssh-config', hosts: entries, balancer }));
  return path;
}
