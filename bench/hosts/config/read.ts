/** Reads `hosts.json`. All faults are reported at once. */
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { messageOf, UsageError } from '../../../core/errors.ts';
import { inertLine, parseJsonText } from '../../../core/inert.ts';
import { type Fault, faultFinder, faultText } from '../../../core/text/schema-faults.ts';
import type { Choice } from '../../fleet/balancer/choice.ts';
import { HostsConfig, type Role } from './schema.ts';

/** A host, with defaults filled in. */
export interface HostEntry {
  readonly name: string;
  /** A destination of ssh. */
  readonly ssh: string;
  /** An IP address. */
  readonly address: string;
  readonly roles: readonly Role[];
  /** The command that starts Node there. */
  readonly node: string;
}

/** The balancer between generators and replicas. */
export interface BalancerPlan {
  readonly choice: Choice;
  /** Null for one per core of its host, up to a limit. */
  readonly processes: number | null;
  /** The port of the first arm; null for any free ports. */
  readonly port: number | null;
}

export interface HostsPlan {
  readonly hosts: readonly HostEntry[];
  /** Null if the generators choose the replica. */
  readonly balancer: BalancerPlan | null;
  /** A path; null for ssh's own. */
  readonly sshConfig: string | null;
}

/** @throws UsageError with all faults */
export function readHosts(path: string): HostsPlan {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new UsageError(
      [missing ? `--hosts: ${path} not found` : `--hosts: ${path} cannot be read: ${messageOf(error)}`],
      'give the path of a hosts.json; docs/hosts.md shows one',
    );
  }
  return parseHosts(path, text);
}

/** @throws UsageError with all faults */
export function parseHosts(path: string, text: string): HostsPlan {
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch (error) {
    throw refusal(path, [{ pointer: '', message: `is not JSON: ${messageOf(error)}`, hint: '' }]);
  }
  const shape = faultFinder(HostsConfig)(value);
  // Semantic checks need a valid shape.
  const faults = shape.length > 0 ? shape : semanticFaults(value as HostsConfig, dirname(resolve(path)));
  if (faults.length > 0) throw refusal(path, faults);
  const { hosts, balancer, sshConfig } = value as HostsConfig;
  return {
    hosts: hosts.map(({ name, ssh = name, address, roles, node = 'node' }) => ({ name, ssh, address, roles, node })),
    balancer: balancerOf(hosts, balancer),
    sshConfig: sshConfig === undefined ? null : resolve(dirname(path), sshConfig),
  };
}

function balancerOf(hosts: HostsConfig['hosts'], config: HostsConfig['balancer'] = {}): BalancerPlan | null {
  if (!hosts.some(({ roles }) => roles.includes('balancer'))) return null;
  const { choice = 'round-robin', processes = null, port = null } = config;
  return { choice, processes, port };
}

function refusal(path: string, faults: readonly Fault[]): UsageError {
  return new UsageError(
    faults.map((fault) => inertLine(`${path}: ${faultText(fault)}`)),
    'correct it; its schema is hosts.schema.json',
  );
}

function semanticFaults({ hosts, shareHosts, balancer, sshConfig }: HostsConfig, folder: string): Fault[] {
  const faults: Fault[] = [];
  const add = (pointer: string, message: string, hint: string) => faults.push({ pointer, message, hint });
  for (const key of ['name', 'address'] as const) {
    const seen = new Map<string, number>();
    hosts.forEach((host, i) => {
      const first = seen.get(host[key]);
      if (first !== undefined)
        add(`/hosts/${i}/${key}`, `is also that of /hosts/${first}`, 'give one host all its roles');
      else seen.set(host[key], i);
    });
  }
  hosts.forEach(({ address, roles }, i) => {
    const fault = faultOfAddress(address);
    if (fault !== null) add(`/hosts/${i}/address`, fault, 'use a private address, such as 10.0.0.1');
    const busy = BUSY.filter(({ role }) => roles.includes(role)).map(({ called }) => called);
    if (shareHosts !== true && busy.length > 1) {
      add(
        `/hosts/${i}/roles`,
        `put ${busy.join(' next to ')}, so they compete for its cores`,
        'give them separate hosts, or set "shareHosts": true',
      );
    }
  });
  const balancers = hosts.flatMap(({ roles }, i) => (roles.includes('balancer') ? [i] : []));
  for (const i of balancers.slice(1)) {
    add(`/hosts/${i}/roles`, `name a second balancer in addition to /hosts/${balancers[0]}`, 'give one host the role');
  }
  if (balancer !== undefined && balancers.length === 0)
    add('/balancer', 'configures a role that no host has', 'give one host the role balancer, or leave it out');
  for (const role of ['replicas', 'generators'] as const) {
    if (hosts.some(({ roles }) => roles.includes(role))) continue;
    const behind = role === 'replicas' && balancers.length > 0 ? ', so the balancer has nothing behind it' : '';
    add('/hosts', `have no host for ${role}${behind}`, 'add the role to one');
  }
  if (sshConfig !== undefined && !existsSync(resolve(folder, sshConfig)))
    add('/sshConfig', 'is a file that does not exist', 'give an existing file, or omit it');
  return faults;
}

/** Roles that use the CPU of their host during a load. */
const BUSY: readonly { readonly role: Role; readonly called: string }[] = [
  { role: 'generators', called: 'a generator' },
  { role: 'balancer', called: 'the balancer' },
  { role: 'replicas', called: 'a replica' },
];

function faultOfAddress(address: string): string | null {
  if (isIP(address) === 0) return 'is not an IP address';
  if (isIP(address) === 6) return 'is an IPv6 address, which Tollgate does not support yet';
  if (address.startsWith('127.') || address === '0.0.0.0') return 'cannot be reached from another host';
  return null;
}
