/** The requirements for a host, checked against the facts that it reports. Pure. */
import { environmentError, type TollgateError } from '../../../core/errors.ts';
import { inertLine } from '../../../core/inert.ts';
import type { ClockOffset } from '../../../core/results/recorded/shards.ts';
import type { HostFacts } from '../agent/protocol.ts';
import type { HostEntry } from '../config/read.ts';
import type { Hello } from '../copy/boot.ts';
import type { Bundle } from '../copy/bundle.ts';

/** As in package.json. Older ones do not run TypeScript, and lack APIs that the code uses. */
const LEAST_NODE = [22, 19] as const;

/** With a larger offset, tokens issued by one replica would be too new, or too old, for another. */
const MOST_CLOCK_SECONDS = 10;

export function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

interface Kind {
  readonly platform: string;
  readonly arch: string;
  readonly glibc: boolean;
}

function kindHere(): Kind {
  const report = process.report?.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
  return { platform: process.platform, arch: process.arch, glibc: report.header?.glibcVersionRuntime !== undefined };
}

const shown = ({ platform, arch, glibc }: Kind) =>
  `${platform} ${arch}${platform === 'linux' && !glibc ? ' without glibc' : ''}`;

/** @returns the reason why a host cannot run the package; null if it can */
export function helloFault(
  host: HostEntry,
  { node, platform, arch, glibc }: Hello,
  { native }: Pick<Bundle, 'native'>,
  here = kindHere(),
): TollgateError | null {
  if (isTooOld(node)) {
    return environmentError(
      `host ${host.name} has Node.js ${inertLine(node)}, which is too old: ${LEAST_NODE.join('.')} or newer is needed`,
      'install a newer one there, or set "node" in hosts.json to its path',
    );
  }
  const there = { platform, arch, glibc: glibc !== null };
  if (!native || shown(there) === shown(here)) return null;
  return environmentError(
    `host ${host.name} is ${inertLine(shown(there))}, but the packages here are for ${shown(here)}`,
    'run bench from a machine of the same kind as the hosts',
  );
}

/** @returns what a host lacks for its roles; null if nothing */
export function factsFault({ name, roles }: HostEntry, { redis }: HostFacts): TollgateError | null {
  if (redis !== null || !roles.includes('stores')) return null;
  return environmentError(
    `host ${name} has the role stores, but no Redis or Valkey server`,
    'install redis-server there',
  );
}

/** @returns the reason why a host's clock is unsuitable; null if it is not */
export function clockFault({ name }: HostEntry, { offsetMs, uncertaintyMs }: ClockOffset): TollgateError | null {
  if (Math.abs(offsetMs) - uncertaintyMs <= 1000 * MOST_CLOCK_SECONDS) return null;
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  return environmentError(
    `the clock of host ${name} is ${seconds} s ${offsetMs > 0 ? 'ahead of' : 'behind'} the one here: replicas would refuse each other's credentials`,
    'synchronise the clock, for instance with chrony',
  );
}
