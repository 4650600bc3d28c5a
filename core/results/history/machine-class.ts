/** Classes of machines that are similar enough to compare their figures. Pure. */
import type { Environment, RunHost } from '../recorded/environment.ts';

/** The properties that define the class. */
type ClassedBy = Pick<
  Environment,
  'cpuModel' | 'cores' | 'memoryBytes' | 'memoryLimitBytes' | 'platform' | 'node' | 'cpuShares' | 'balancer'
> & { readonly hosts?: readonly Pick<RunHost, 'roles' | 'cpuModel' | 'cores'>[] | undefined } & {
  readonly cpu?: Pick<NonNullable<Environment['cpu']>, 'usable' | 'quota'> | undefined;
};

/**
 * The class of machine within which figures are comparable: processor, number of cores, memory, system, Node's major
 * version and how CPU shares are set; for a run on several hosts, also the number of hosts in each role, and the
 * balancer. If any of these changes, the class changes, so that a new machine does not look like a regression.
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

/** Groups hosts with the same roles and processors, in canonical order: names do not matter. */
function layoutOf({ hosts = [], balancer }: ClassedBy): string[] {
  const kinds = hosts.map(({ roles, cpuModel, cores }) => `${roles.toSorted().join('+')} on ${cores} × ${cpuModel}`);
  const counted = [...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => `${all.length} hosts ${kind}`).sort();
  if (balancer === undefined) return counted;
  const { choice, processes } = balancer;
  return [...counted, `balancer ${choice} of ${processes} processes`];
}
