/** Load is sent only to this machine: a load generator that reaches others is a weapon. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { usageError } from '../../core/errors.ts';
import { hostOf } from '../load/connection/authority.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

export function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The address of a URL's host, resolved once, so that the checked address is the one that gets the load. @throws
 * TollgateError (usage) if it is not this machine
 */
export async function loopbackAddress(url: URL): Promise<{ host: string; port: number }> {
  const name = hostOf(url);
  const addresses = isIP(name)
    ? [name]
    : (await lookup(name, { all: true }).catch(() => [])).map((each) => each.address);
  const [host] = addresses.toSorted((a, b) => isIP(a) - isIP(b));
  if (host === undefined || !addresses.every(isLoopback)) {
    throw usageError(
      `--url ${url.href}: ${host === undefined ? 'its host is not known' : 'is not on this machine'}`,
      'Tollgate only sends load to loopback addresses: run it on the machine of the server.',
    );
  }
  return { host, port: Number(url.port || 80) };
}
