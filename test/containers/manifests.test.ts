/** deploy/kubernetes: rendered by kubectl, valid against the published schemas, and as restricted as the documentation says. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { V1Container, V1NetworkPolicy, V1PodSpec } from '@kubernetes/client-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../../cli/root.ts';
import { armsOfPlan, type FleetPlan, fleetObjects } from '../../containers/kubernetes/fleet.ts';
import { componentOf, type KubeObject, readObjects, SHARD_LABEL } from '../../containers/kubernetes/objects.ts';
import { manifestFaults } from '../support/kubernetes/schemas.ts';

const FOLDER = join(ROOT, 'deploy/kubernetes');
const OVERLAYS = ['base', 'overlays/one-node', 'overlays/valkey', 'overlays/cluster'];

function rendered(folder: string): KubeObject[] {
  const yaml = execFileSync('kubectl', ['kustomize', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return readObjects(
    parseAllDocuments(yaml).map((document) => document.toJS() as unknown),
    folder,
  );
}

const PLAN: FleetPlan = {
  namespace: 'tollgate-abcde',
  runId: 'abcdef01',
  shards: 2,
  replicas: 3,
  arms: [
    { name: 'none', usesRedis: false },
    { name: 'session-redis', usesRedis: true },
  ],
  image: { prefix: 'registry.example:5000/team/tollgate', tag: '1.2' },
  deadlineSeconds: 900,
};

const all = (objects: ReturnType<typeof fleetObjects>) => [
  objects.namespace,
  ...objects.common,
  ...objects.generators,
  ...objects.servers,
];

const podOf = ({ spec }: KubeObject) => spec?.template?.spec as V1PodSpec | undefined;
const byOverlay = new Map<string, KubeObject[]>();
beforeAll(() => {
  for (const overlay of OVERLAYS) byOverlay.set(overlay, rendered(join(FOLDER, overlay)));
});
const of = (overlay: string) => byOverlay.get(overlay) ?? [];

describe.each(OVERLAYS)('%s', (overlay) => {
  it('is valid against the published schemas, without unknown fields, both rendered and as applied', async () => {
    expect(of(overlay).length).toBeGreaterThan(10);
    expect(await manifestFaults(of(overlay))).toEqual([]);
    expect(await manifestFaults(all(fleetObjects(of(overlay), PLAN)))).toEqual([]);
  });

  it('runs every container without root, capabilities, a writable root file system or a service account token', () => {
    const pods = of(overlay).flatMap((object) => podOf(object) ?? []);
    expect(pods.length).toBeGreaterThanOrEqual(3);
    for (const pod of pods) {
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod.securityContext?.runAsUser).toBeGreaterThan(0);
      for (const container of pod.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources?.limits).toHaveProperty('cpu');
        expect(container.resources?.limits).toHaveProperty('memory');
      }
    }
  });

  it('contains no secret', () => {
    expect(of(overlay).filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const env = of(overlay).flatMap((object) =>
      (podOf(object)?.containers ?? []).flatMap((one: V1Container) => one.env ?? []),
    );
    const passwords = env.filter(({ name }) => /PASSWORD|SECRET$|KEY$/.test(name));
    expect(passwords.length).toBeGreaterThan(0);
    for (const { value, valueFrom } of passwords) {
      expect(value).toBeUndefined();
      expect(valueFrom?.secretKeyRef?.name).toBe('tollgate-redis');
    }
  });
});

it('denies all traffic except DNS, generators to replicas, and replicas to Redis', () => {
  const policies = of('base').filter(({ kind }) => kind === 'NetworkPolicy') as unknown as V1NetworkPolicy[];
  const deny = policies.find(({ metadata }) => metadata?.name === 'deny-all');
  expect(deny?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  const edges = policies.flatMap(({ metadata, spec }) => [
    ...(spec?.ingress ?? []).flatMap(({ _from, ports, ...rest }) => {
      const from = _from ?? (rest as { from?: typeof _from }).from;
      const who = from?.map(({ podSelector }) => podSelector?.matchLabels?.['app.kubernetes.io/component']);
      return `${who} > ${metadata?.name}:${ports?.map(({ port }) => port)}`;
    }),
    ...(spec?.egress ?? []).flatMap(({ to, ports }) => {
      const whom = to?.map(
        ({ podSelector, namespaceSelector }) =>
          podSelector?.matchLabels?.['app.kubernetes.io/component'] ??
          namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'],
      );
      return `${metadata?.name} to ${whom}:${ports?.map(({ port }) => port)}`;
    }),
  ]);
  expect(edges.toSorted()).toEqual([
    'generator > replica:3000',
    'generator to replica:3000',
    'names to kube-system:53,53',
    'replica > redis:6379',
    'replica to redis:6379',
  ]);
});

it('separates generators from the nodes of replicas, except on a cluster of one node', () => {
  const affinities = (overlay: string) =>
    of(overlay)
      .filter((object) => ['generator', 'replica'].includes(componentOf(object) ?? ''))
      .flatMap((object) => podOf(object) ?? [])
      .map(({ affinity }) => affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length ?? 0);
  for (const overlay of ['base', 'overlays/cluster', 'overlays/valkey']) expect(affinities(overlay)).toEqual([1, 1]);
  expect(affinities('overlays/one-node')).toEqual([0, 0]);
});

describe('what a run applies', () => {
  it('gives every shard separate replicas of each arm, and a separate Redis', () => {
    const { servers, generators, namespace, common } = fleetObjects(of('base'), PLAN);
    const names = servers
      .filter(({ kind }) => kind !== 'Service')
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names).toEqual([
      'StatefulSet redis-1',
      'StatefulSet redis-2',
      'Deployment replica-none-1',
      'Deployment replica-session-redis-1',
      'Deployment replica-none-2',
      'Deployment replica-session-redis-2',
    ]);
    const session = servers.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'replica-session-redis-2',
    );
    const env = session?.spec?.template?.spec.containers[0]?.env ?? [];
    expect(env).toContainEqual({ name: 'TOLLGATE_ARM', value: 'session-redis' });
    expect(env).toContainEqual({ name: 'REDIS_URL', value: 'redis://:$(REDIS_PASSWORD)@redis-2:6379' });
    expect(session?.spec?.replicas).toBe(3);
    expect(session?.spec?.template?.spec.containers[0]?.image).toBe('registry.example:5000/team/tollgate-replica:1.2');
    const plain = servers.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'replica-none-1');
    expect(plain?.spec?.template?.spec.containers[0]?.env?.map(({ name }) => name)).not.toContain('REDIS_URL');
    expect(generators[0]?.spec).toMatchObject({ completions: 2, parallelism: 2, activeDeadlineSeconds: 900 });
    expect(namespace.metadata.name).toBe('tollgate-abcde');
    for (const { metadata } of [...servers, ...generators, ...common])
      expect(metadata.namespace).toBe('tollgate-abcde');
    expect(armsOfPlan(PLAN)).toContainEqual({
      name: 'session-redis',
      hosts: ['replica-session-redis-1', 'replica-session-redis-2'],
      port: 3000,
      addresses: 3,
    });
  });

  it('makes every Service and workload select only the pods of its shard and arm', () => {
    const { servers } = fleetObjects(of('overlays/cluster'), PLAN);
    const labelled = (object: KubeObject) => object.spec?.template?.metadata.labels ?? {};
    const workloads = servers.filter(({ spec }) => spec?.template !== undefined);
    const selects = (selector: unknown, labels: Record<string, string>) => {
      const wanted = (selector as { matchLabels?: object }).matchLabels ?? selector;
      return Object.entries(wanted as object).every(([key, value]) => labels[key] === value);
    };
    for (const object of servers) {
      if (object.spec?.selector === undefined) continue;
      const selected = workloads.filter((one) => selects(object.spec?.selector, labelled(one)));
      expect(
        selected.map(({ metadata }) => metadata.name),
        object.metadata.name,
      ).toEqual([object.metadata.name]);
      expect(labelled(selected[0] as KubeObject)[SHARD_LABEL]).toMatch(/^[12]$/);
    }
    const form = servers.find(({ metadata }) => metadata.name === 'redis-cluster-2');
    expect(form?.spec?.template?.spec.containers[0]?.env).toContainEqual({ name: 'REDIS_SERVICE', value: 'redis-2' });
  });

  it('starts no Redis if no arm uses it, and says what an overlay lacks', () => {
    const plain = fleetObjects(of('base'), { ...PLAN, arms: [{ name: 'none', usesRedis: false }] });
    expect(plain.servers.filter((object) => componentOf(object) === 'redis')).toEqual([]);
    const without = of('base').filter(({ kind }) => kind !== 'Job');
    expect(() => fleetObjects(without, PLAN)).toThrow(/no Job with the label .*component: generator/);
  });
});

describe('the validation', () => {
  const pod = (deployment: KubeObject) => deployment.spec?.template?.spec.containers[0] ?? { name: '' };
  it.each([
    ['an unknown field', (it: KubeObject) => Object.assign(pod(it), { cpuLimit: 1 }), /cpuLimit is unknown/],
    ['a field that is missing', (it: KubeObject) => delete it.spec?.selector, /property selector/],
    [
      'a value of another type',
      (it: KubeObject) => Object.assign(it.spec ?? {}, { replicas: 'three' }),
      /replicas must be/,
    ],
  ])('finds %s', async (_, spoil, expected) => {
    const deployment = structuredClone(of('base').find(({ kind }) => kind === 'Deployment')) as KubeObject;
    spoil(deployment);
    expect((await manifestFaults([deployment])).join('\n')).toMatch(expected);
  });
});
