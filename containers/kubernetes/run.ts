/**
 * One run on Kubernetes: creates a namespace with servers and generators, collects the results, and deletes the
 * namespace.
 */
import { randomBytes } from 'node:crypto';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
import { messageOf, runError, thenEnding } from '../../core/errors.ts';
import type { Secrets } from '../../servers/configuration.ts';
import type { GeneratorPlan } from '../plan.ts';
import { type ResultFiles, unpackResults } from '../results.ts';
import type { Cluster } from './cluster.ts';
import { armsOfPlan, type FleetPlan, fleetObjects } from './fleet.ts';
import { type KubeObject, MANAGED_BY } from './objects.ts';
import { type Completed, type WaitLimits, Waits } from './waits.ts';

/** How long each wait may last. */
export interface Limits extends WaitLimits {
  readonly deleteMs: number;
}

export const LIMITS: Limits = { readyMs: 600_000, unschedulableMs: 180_000, deleteMs: 300_000 };

export interface KubernetesRun {
  readonly cluster: Cluster;
  readonly rendered: readonly KubeObject[];
  /** The beginning of the namespace's name. */
  readonly namespacePrefix: string;
  readonly plan: Omit<FleetPlan, 'namespace' | 'runId' | 'deadlineSeconds'>;
  /** Arguments of `bench` for each generator. */
  readonly arguments: readonly string[];
  /** The longest time that a generator may measure. */
  readonly measureSeconds: number;
  readonly limits: Limits;
  /** Keys that already exist; made here if left out. */
  readonly keys?: Secrets;
  readonly signal: AbortSignal;
  readonly onProgress: (step: string) => void;
  readonly onNote: (text: string) => void;
}

export interface ShardResults {
  /** Counted from 1. */
  readonly shard: number;
  readonly files: ResultFiles;
  /** Remarks that the journal of the shard cannot contain. */
  readonly notes: readonly string[];
}

const USERS = 64;
/** Margin for the API itself. */
const SPARE_SECONDS = 120;
/** @throws TollgateError; the signal's reason if it was aborted. In any case the namespace is deleted first */
export async function runOnKubernetes(run: KubernetesRun): Promise<readonly ShardResults[]> {
  const { cluster, signal, onProgress, onNote } = run;
  await cluster.check();
  for (const name of await cluster.namespaces(MANAGED_BY)) {
    onNote(
      `The cluster has the namespace ${name} from another run. If that run has ended: kubectl delete namespace ${name}`,
    );
  }
  const runId = randomBytes(4).toString('hex');
  const namespace = `${run.namespacePrefix}-${runId.slice(0, 5)}`;
  const deadlineSeconds = Math.ceil(run.limits.readyMs / 1000 + 2 * run.measureSeconds + SPARE_SECONDS);
  const plan: FleetPlan = { ...run.plan, namespace, runId, deadlineSeconds };
  const { namespace: own, common, generators, servers } = fleetObjects(run.rendered, plan);
  const secrets = await secretsOf(run, plan);
  const watch = cluster.watch(namespace);
  let failed = true;
  return thenEnding(
    async () => {
      onProgress(`making the namespace ${namespace}`);
      await cluster.apply(own);
      for (const object of [...secrets, ...common]) await cluster.apply(object);
      for (const object of generators) await cluster.apply(object);
      await watch.start();
      const waits = new Waits(run, watch, plan);
      await waits.scheduled();
      for (const object of servers) {
        signal.throwIfAborted();
        await cluster.apply(object);
      }
      await waits.ready();
      const results = await collect(run, namespace, await waits.complete());
      failed = false;
      return results;
    },
    () => watch.stop(),
    () => onProgress(`deleting the namespace ${namespace}`),
    () => remove(run, namespace, failed),
  );
}

async function secretsOf(run: KubernetesRun, plan: FleetPlan): Promise<KubeObject[]> {
  const [keys, users] = [run.keys ?? (await makeSecrets()), await makeUsers(USERS, ARGON2_CHEAP)];
  const generator: GeneratorPlan = {
    shards: plan.shards,
    arguments: [...run.arguments],
    arms: armsOfPlan(plan),
    users: users.map(({ username, password }) => ({ username, password })),
    readyWithinSeconds: run.limits.readyMs / 1000,
  };
  const secret = (name: string, stringData: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: plan.namespace, labels: { ...MANAGED_BY } },
    stringData,
  });
  return [
    secret('tollgate-keys', {
      'tollgate.json': JSON.stringify({ secrets: keys, users: users.map(({ record }) => record) }),
    }),
    // Hexadecimal needs no quotes in a URL or a configuration file.
    secret('tollgate-redis', { password: randomBytes(32).toString('hex') }),
    secret('tollgate-plan', { 'plan.json': JSON.stringify(generator) }),
  ];
}

/** Deletes under its own deadline: that of the run may have passed, and the run may be ending due to its signal. */
async function remove({ cluster, limits, onNote }: KubernetesRun, namespace: string, failed: boolean): Promise<void> {
  const end = performance.now() + limits.deleteMs;
  const removal = `kubectl delete namespace ${namespace}`;
  try {
    while (await cluster.deleteNamespace(namespace)) {
      if (performance.now() > end) {
        throw runError(
          `the namespace ${namespace} was not deleted within ${limits.deleteMs / 1000} s`,
          `delete it by hand: ${removal}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, Math.min(1000, limits.deleteMs / 10)));
    }
  } catch (error) {
    // The run's own failure is more informative, and must not be lost.
    if (!failed) throw error;
    onNote(`The namespace ${namespace} was not deleted: ${messageOf(error)}. Remove it: ${removal}`);
  }
}

async function collect(
  { cluster, onProgress }: KubernetesRun,
  namespace: string,
  completed: readonly Completed[],
): Promise<ShardResults[]> {
  const results: ShardResults[] = [];
  for (const { shard, pod, notes } of completed) {
    onProgress(`reading the results of shard ${shard}`);
    results.push({ shard, notes, files: unpackResults(await cluster.log(namespace, pod), `shard ${shard}`) });
  }
  return results;
}
