/** Reads `hosts.json`. All its faults are reported at once. */
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { messageOf, UsageError } from '../../../core/errors.ts';
import { inertLine } from '../../../core/inert.ts';
import { type Fault, faultFinder, faultText } from '../../../core/text/schema-faults.ts';
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

export interface HostsPlan {
  readonly hosts: readonly HostEntry[];
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
      'name a hosts.json; docs/hosts.md shows one',
    );
  }
  return parseHosts(path, text);
}

/** @throws UsageError with all faults */
export function parseHosts(path: string, text: string): HostsPlan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refusal(path, [{ pointer: '', message: `is not JSON: ${messageOf(error)}`, hint: '' }]);
  }
  const shape = faultFinder(HostsConfig)(value);
  // Sense can be made of it only where its shape is right.
  const faults = shape.length > 0 ? shape : faultsOfSense(value as HostsConfig, dirname(resolve(path)));
  if (faults.length > 0) throw refusal(path, faults);
  const { hosts, sshConfig } = value as HostsConfig;
  return {
    hosts: hosts.map(({ name, ssh = name, address, roles, node = 'node' }) => ({ name, ssh, address, roles, node })),
    sshConfig: sshConfig === undefined ? null : resolve(dirname(path), sshConfig),
  };
}

function refusal(path: string, faults: readonly Fault[]): UsageError {
  return new UsageError(
    faults.map((fault) => inertLine(`${path}: ${faultText(fault)}`)),
    'correct it; its schema is hosts.schema.json',
  );
}

function faultsOfSense({ hosts, shareHosts, sshConfig }: HostsConfig, folder: string): Fault[] {
  const faults: Fault[] = [];
  const add = (pointer: string, message: string, hint: string) => faults.push({ pointer, message, hint });
  for (const key of ['name', 'address'] as const) {
    const seen = new Map<string, number>();
    hosts.forEach((host, i) => {
      const first = seen.get(host[key]);
      if (first !== undefined)
        add(`/hosts/${i}/${key}`, `is that of /hosts/${first} too`, 'give one host all its roles');
      else seen.set(host[key], i);
    });
  }
  hosts.forEach(({ address, roles }, i) => {
    const fault = faultOfAddress(address);
    if (fault !== null) add(`/hosts/${i}/address`, fault, 'name a private address, such as 10.0.0.1');
    if (shareHosts !== true && roles.includes('generators') && roles.includes('replicas')) {
      add(
        `/hosts/${i}/roles`,
        'put a generator beside a replica, so that each waits for the other',
        'give them hosts of their own, or set "shareHosts": true',
      );
    }
  });
  for (const role of ['replicas', 'generators'] as const) {
    if (!hosts.some(({ roles }) => roles.includes(role)))
      add('/hosts', `have no host for ${role}`, 'add the role to one');
  }
  if (sshConfig !== undefined && !existsSync(resolve(folder, sshConfig)))
    add('/sshConfig', 'names a file that does not exist', 'name one, or leave it out');
  return faults;
}

function faultOfAddress(address: string): string | null {
  if (isIP(address) === 0) return 'is no IP address';
  if (isIP(address) === 6) return 'is an IPv6 address, which Tollgate does not listen at yet';
  if (address.startsWith('127.') || address === '0.0.0.0') return 'cannot be reached from another host';
  return null;
}
