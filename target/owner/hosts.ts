/** The hosts that a run may load: loopback, and others that the user names, with a limit and a proof. Pure. */
import { isIP } from 'node:net';

/** A host name counts as another host even if it resolves to loopback, because that may change. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (name === 'localhost') return true;
  if (isIP(name) === 4) return name.startsWith('127.');
  return name === '::1' || name.startsWith('::ffff:127.');
}

/** What a service names by URL: its replicas, and other origins. */
interface Reached {
  readonly urls: readonly URL[];
  readonly origins: readonly { readonly url: URL }[];
}

/** The URLs of everything that gets requests. */
export const hostsOf = ({ urls, origins }: Reached): readonly URL[] => [...urls, ...origins.map(({ url }) => url)];

export interface Ownership {
  /** Hosts that the user claims to own. */
  readonly owned: readonly string[];
  /** The maximum of requests per second; null if no limit is given. */
  readonly maxRps: number | null;
}

export function otherHosts(urls: readonly URL[]): string[] {
  return [...new Set(urls.map(({ hostname }) => hostname).filter((host) => !isLoopback(host)))];
}

/** What is missing before anything may be sent to another host; empty if all are loopback. */
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
