/** Classes of machines that are alike enough for their figures to be compared. Pure. */
import type { Environment, RunHost } from '../recorded/environment.ts';

/** What makes up the class. */
type ClassedBy = Pick<
  Environment,
  'cpuModel' | 'cores' | 'memoryBytes' | 'memoryLimitBytes' | 'platform' | 'node' | 'cpuShares' | 'balancer'
> & { readonly hosts?: readonly Pick<RunHost, 'roles' | 'cpuModel' | 'cores'>[] | undefined } & {
  readonly cpu?: Pick<NonNullable<Environment['cpu']>, 'usable' | 'quota'> | undefined;
};

/**
 * The class of machine within which figures are comparable: processor, number of cores, memory, system, Node's major
 * version and how CPU shares are given; of a run on several hosts, also how many of them have each role, and the balancer
 * between them. If any of these changes, the class changes, so that a new machine does not look
 * like a regression.
 */
export function machineClassOf(environment: ClassedBy): string {
  const { cpuModel, cores, cpu, memoryBytes, memoryLimitBytes, platform, node, cpuShares } = environment;
  const memoryGiB = Math.round(memoryBytes / 2 ** 30);
  const isLimited = typeof memoryLimitBytes === 'number' && memoryLimitBytes < memoryBytes;
  const allowedGiB = isLimited ? Math.round((10 * memoryLimitBytes) / 2 ** 30) / 10 : memoryGiB;
  const shares = cpuShares.startsWith('none') ? 'no shares' : 'shares';
  return [
    cpuModel,
    // Without a quota as in older versions, so that their entries stay comparable.
    typeof cpu?.quota === 'number' ? `${cpu.usable} of ${cores} cores` : `${cores} cores`,
    isLimited ? `${allowedGiB} of ${memoryGiB} GiB` : `${memoryGiB} GiB`,
    platform,
    `Node ${node.replace(/^v(\d+).*/, '$1')}`,
    shares,
    ...layoutOf(environment),
  ].join(', ');
}

/** Hosts with the same roles and processors together, in an order of their own: names do not matter. */
function layoutOf({ hosts = [], balancer }: ClassedBy): string[] {
  const kinds = hosts.map(({ roles, cpuModel, cores }) => `${roles.toSorted().join('+')} on ${cores} × ${cpuModel}`);
  const counted = [...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => `${all.length} hosts ${kind}`).sort();
  if (balancer === undefined) return counted;
  const { choice, processes } = balancer;
  return [...counted, `balancer ${choice} of ${processes} processes`];
}
