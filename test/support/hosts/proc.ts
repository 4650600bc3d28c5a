/**
 * What runs in a network namespace and where it listens, read from /proc: tests wait for these, and a program started for each
 * look at each host would slow down what they wait for.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** Process ids. */
export function processesIn(namespace: string): number[] {
  const file = statSync(`/run/netns/${namespace}`, { throwIfNoEntry: false });
  if (file === undefined) return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => networkOf(pid) === `net:[${file.ino}]`).map(Number);
}

/** Empty for a process that has ended meanwhile. */
function networkOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return '';
  }
}

const LISTENS = '0A';
const SSH_PORT = 22;

/** @param table of sockets, in the form of proc(5) @returns addresses at which TCP is listened for, but at the port of ssh */
export function listenersIn(table: string): string[] {
  const sockets = readFileSync(table, 'latin1').split('\n').slice(1, -1);
  return sockets.flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    return state === LISTENS && Number.parseInt(port, 16) !== SSH_PORT ? [written(address)] : [];
  });
}

/** An address of IPv4 in the order of this machine's bytes; one of IPv6 stays as it is. */
function written(address: string): string {
  return address.length === 8 ? [...Buffer.from(address, 'hex').reverse()].join('.') : address;
}
