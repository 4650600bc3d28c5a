/** The hosts that a run may load: loopback, and others that their owner names, with a bound and a proof. Pure. */
import { isIP } from 'node:net';

/** A name that is resolved counts as another host, wherever it leads: what it leads to may change. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (name === 'localhost') return true;
  if (isIP(name) === 4) return name.startsWith('127.');
  return name === '::1' || name.startsWith('::ffff:127.');
}

export interface Ownership {
  /** Hosts that the user calls theirs. */
  readonly owned: readonly string[];
  /** Requests a second at the most; null where no bound is given. */
  readonly maxRps: number | null;
}

export function otherHosts(urls: readonly URL[]): string[] {
  return [...new Set(urls.map(({ hostname }) => hostname).filter((host) => !isLoopback(host)))];
}

/** What is missing before another host may be sent anything; empty where all are loopback. */
export function ownershipFaults(urls: readonly URL[], { owned, maxRps }: Ownership): string[] {
  const others = otherHosts(urls);
  const faults = others
    .filter((host) => !owned.includes(host))
    .map((host) => `${host} is not this machine: confirm that you own it with --i-own-this-host ${host}`);
  if (others.length > 0 && maxRps === null)
    faults.push('a host that is not this machine needs a rate limit, such as --max-rps 10');
  for (const host of owned)
    if (!others.includes(host)) faults.push(`--i-own-this-host: ${host} is not a host of the service`);
  return faults;
}
