/**
 * Processes and listening addresses of a network namespace, read from /proc: tests wait for these, and a program per host
 * and poll would slow down what they wait for.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** Process ids. */
export function processesIn(namespace: string): number[] {
  const file = statSync(`/run/netns/${namespace}`, { throwIfNoEntry: false });
  if (file === undefined) return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => networkOf(pid) === `net:[${file.ino}]`).map(Number);
}

/** Empty for a process that has ended. */
function networkOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return '';
  }
}

const LISTENS = '0A';
const SSH_PORT = 22;

/** @param table of sockets, in the form of proc(5) @returns TCP listening addresses, except those at the port of ssh */
export function listenersIn(table: string): string[] {
  const sockets = readFileSync(table, 'latin1').split('\n').slice(1, -1);
  return sockets.flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    return state === LISTENS && Number.parseInt(port, 16) !== SSH_PORT ? [written(address)] : [];
  });
}

/** An IPv4 address in this machine's byte order; an IPv6 address stays as it is. */
function written(address: string): string {
  return address.length === 8 ? [...Buffer.from(address, 'hex').reverse()].join('.') : address;
}
