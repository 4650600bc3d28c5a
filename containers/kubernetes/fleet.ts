/**
 * The objects of one run, from the rendered manifests: replicas for each arm and shard, a Redis for each shard, and
 * one Job whose completion index is the shard. So each shard has its own servers, and its figures are free of other
 * shards' load. Pure.
 */
import { environmentError } from '../../core/errors.ts';
import type { GeneratorPlan } from '../plan.ts';
import { ARM_LABEL, componentOf, type KubeObject, MANAGED_BY, RUN_LABEL, SHARD_LABEL } from './objects.ts';

export interface FleetPlan {
  readonly namespace: string;
  /** Labels all objects of the run. */
  readonly runId: string;
  readonly shards: number;
  /** The number of replicas of each arm, for each shard. */
  readonly replicas: number;
  readonly arms: readonly { readonly name: string; readonly usesRedis: boolean }[];
  readonly image: { readonly prefix: string; readonly tag: string };
  /** The deadline of the generators, for waiting and measuring together. */
  readonly deadlineSeconds: number;
}

export interface FleetObjects {
  readonly namespace: KubeObject;
  /** Policies, accounts and other objects of an overlay. */
  readonly common: readonly KubeObject[];
  /** Scheduled first, because replicas would spread over all nodes. */
  readonly generators: readonly KubeObject[];
  readonly servers: readonly KubeObject[];
}

/** The port of a replica, in deploy/kubernetes/base/replica.yaml. */
const PORT = 3000;

/** The host name of the replicas of an arm in a shard, counted from 1. */
const replicaName = (arm: string, shard: number) => `replica-${arm}-${shard}`;
const redisName = (shard: number) => `redis-${shard}`;

/** The replicas' addresses for the generators. */
export function armsOfPlan({ arms, shards, replicas }: FleetPlan): GeneratorPlan['arms'] {
  return arms.map(({ name }) => ({
    name,
    hosts: Array.from({ length: shards }, (_, i) => replicaName(name, i + 1)),
    port: PORT,
    addresses: replicas,
  }));
}

/**
 * @param rendered from deploy/kubernetes or a user's overlay
 *
 * @throws {TollgateError} if a part is missing
 */
export function fleetObjects(rendered: readonly KubeObject[], plan: FleetPlan): FleetObjects {
  const withImages = rendered.map((object) => imaged(object, plan.image));
  const of = (component: string) =>
    withImages.filter((object) => componentOf(object) === component && !isPolicy(object));
  const need = (component: string, kind: string) => {
    const found = of(component);
    if (found.some((object) => object.kind === kind)) return found;
    throw environmentError(
      `the overlay has no ${kind} with the label app.kubernetes.io/component: ${component}`,
      'base it on deploy/kubernetes/base',
    );
  };
  const parts = {
    generator: need('generator', 'Job'),
    replica: need('replica', 'Deployment'),
    redis: [...need('redis', 'StatefulSet'), ...of('redis-cluster')],
  };
  const isCopied = new Set([...parts.generator, ...parts.replica, ...parts.redis]);
  const shards = Array.from({ length: plan.shards }, (_, i) => i + 1);
  const usesRedis = plan.arms.some((arm) => arm.usesRedis);
  const inNamespace = (object: KubeObject) => placed(object, plan);
  return {
    namespace: placed(namespaceOf(withImages), plan),
    common: withImages.filter((object) => !isCopied.has(object) && object.kind !== 'Namespace').map(inNamespace),
    generators: parts.generator.map((object) => inNamespace(generator(object, plan))),
    servers: [
      ...(usesRedis ? shards.flatMap((shard) => parts.redis.map((object) => redis(object, shard))) : []),
      ...shards.flatMap((shard) =>
        plan.arms.flatMap((arm) => parts.replica.map((object) => replica(object, { arm, shard, plan }))),
      ),
    ].map(inNamespace),
  };
}

const isPolicy = ({ kind }: KubeObject) => kind === 'NetworkPolicy';

function namespaceOf(rendered: readonly KubeObject[]): KubeObject {
  const found = rendered.find(({ kind }) => kind === 'Namespace');
  return found ?? { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '', labels: {} } };
}

function placed(object: KubeObject, { namespace, runId }: FleetPlan): KubeObject {
  const labels = { ...object.metadata.labels, ...MANAGED_BY, [RUN_LABEL]: runId };
  const { namespace: _, ...metadata } = object.metadata;
  if (object.kind === 'Namespace') return { ...object, metadata: { ...metadata, name: namespace, labels } };
  return { ...object, metadata: { ...metadata, namespace, labels } };
}

/** Sets our two images; those that an overlay has set remain. */
function imaged(object: KubeObject, { prefix, tag }: FleetPlan['image']): KubeObject {
  const image = (name: string | undefined) => {
    const [, kind] = /^tollgate-(replica|bench)$/.exec(name ?? '') ?? [];
    return kind === undefined ? name : `${prefix}-${kind}:${tag}`;
  };
  return withContainers(object, (container) => {
    const named = image(container.image);
    return named === undefined ? container : { ...container, image: named };
  });
}

type Template = NonNullable<NonNullable<KubeObject['spec']>['template']>;
type Container = Template['spec']['containers'][number];

function withContainers(object: KubeObject, change: (container: Container) => Container): KubeObject {
  const template = object.spec?.template;
  if (template === undefined) return object;
  const containers = template.spec.containers.map(change);
  return {
    ...object,
    spec: { ...object.spec, template: { ...template, spec: { ...template.spec, containers } } },
  };
}

function withEnv(object: KubeObject, change: (env: NonNullable<Container['env']>) => Container['env']): KubeObject {
  return withContainers(object, (container) => {
    const env = change(container.env ?? []);
    return env === undefined ? container : { ...container, env };
  });
}

/** Renames a copy, and makes it select only its own pods. */
function copied(object: KubeObject, name: string, own: Readonly<Record<string, string>>): KubeObject {
  const { spec } = object;
  const labels = { ...object.metadata.labels, ...own };
  const copy = { ...object, metadata: { ...object.metadata, name, labels } };
  if (spec === undefined) return copy;
  const { template, selector } = spec;
  return {
    ...copy,
    spec: {
      ...spec,
      ...(selector === undefined ? {} : { selector: selecting(object.kind, selector, own) }),
      ...(template === undefined
        ? {}
        : { template: { ...template, metadata: { labels: { ...template.metadata.labels, ...own } } } }),
    },
  };
}

function selecting(kind: string, selector: unknown, own: Readonly<Record<string, string>>): unknown {
  const given = selector as Readonly<Record<string, unknown>>;
  if (kind === 'Service') return { ...given, ...own };
  return { ...given, matchLabels: { ...(given.matchLabels as object | undefined), ...own } };
}

function generator(object: KubeObject, { shards, deadlineSeconds }: FleetPlan): KubeObject {
  if (object.kind !== 'Job') return object;
  return {
    ...object,
    spec: { ...object.spec, completions: shards, parallelism: shards, activeDeadlineSeconds: deadlineSeconds },
  };
}

function redis(object: KubeObject, shard: number): KubeObject {
  const own = { [SHARD_LABEL]: String(shard) };
  if (componentOf(object) === 'redis-cluster') {
    const form = withEnv(object, (env) => env.map((one) => set(one, 'REDIS_SERVICE', redisName(shard))));
    return copied(form, `${object.metadata.name}-${shard}`, own);
  }
  const copy = copied(object, redisName(shard), own);
  return copy.kind === 'StatefulSet' ? { ...copy, spec: { ...copy.spec, serviceName: redisName(shard) } } : copy;
}

function replica(
  object: KubeObject,
  { arm, shard, plan }: { arm: FleetPlan['arms'][number]; shard: number; plan: FleetPlan },
): KubeObject {
  const copy = copied(object, replicaName(arm.name, shard), { [SHARD_LABEL]: String(shard), [ARM_LABEL]: arm.name });
  if (copy.kind !== 'Deployment') return copy;
  const isForRedis = ({ name }: { readonly name: string }) => name.startsWith('REDIS_');
  const told = withEnv(copy, (env) =>
    env
      .filter((one) => arm.usesRedis || !isForRedis(one))
      .map((one) => set(one, 'TOLLGATE_ARM', arm.name))
      .map((one) =>
        one.name === 'REDIS_URL' && one.value !== undefined
          ? { ...one, value: one.value.replace('@redis:', `@${redisName(shard)}:`) }
          : one,
      ),
  );
  return { ...told, spec: { ...told.spec, replicas: plan.replicas } };
}

const set = <E extends { readonly name: string }>(one: E, name: string, value: string): E =>
  one.name === name ? { ...one, value } : one;
