/** Finds the process that listens on a local port, from /proc. */
import { readdirSync, readlinkSync } from 'node:fs';
import { textOf } from '../../bench/processes/groups/cgroups.ts';

const LISTENING = '0A';

/** `[inode, port]` of every listening socket in the text of `/proc/net/tcp` (proc(5)). */
export function listenersIn(text: string): [inode: string, port: number][] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line): [string, number][] => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const port = Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16);
      return state === LISTENING && inode !== undefined ? [[inode, port]] : [];
    });
}

/** Ports of IPv4 and IPv6 by the inode of their socket. */
export function listeners(): Map<string, number> {
  return new Map(['tcp', 'tcp6'].flatMap((name) => listenersIn(textOf(`/proc/net/${name}`))));
}

/** The inodes of a process's sockets; none if they may not be read. */
export function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode ?? [];
    });
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function allPids(): number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** @returns the process that listens there, the first one if several share the socket; null if none is visible */
export function listenerOn(port: number): number | null {
  const inodes = new Set([...listeners()].flatMap(([inode, at]) => (at === port ? [inode] : [])));
  if (inodes.size === 0) return null;
  return allPids().find((pid) => socketsOf(pid).some((inode) => inodes.has(inode))) ?? null;
}
