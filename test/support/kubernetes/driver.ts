/** Runs the driver against a fake API, for tests that define the failures of the cluster. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { ROOT } from '../../../cli/root.ts';
import { openCluster } from '../../../containers/kubernetes/cluster.ts';
import { readObjects } from '../../../containers/kubernetes/objects.ts';
import { type KubernetesRun, runOnKubernetes } from '../../../containers/kubernetes/run.ts';
import { freshSecrets } from '../servers.ts';
import { type Double, type Fault, startDouble } from './api.ts';
import type { Scenario } from './controllers.ts';

export interface Outcome {
  readonly notes: string[];
  readonly steps: string[];
  readonly results: Awaited<ReturnType<typeof runOnKubernetes>>;
  readonly error: unknown;
  readonly left: readonly string[];
}

export interface Setting {
  readonly faults?: readonly Fault[];
  readonly limits?: Partial<KubernetesRun['limits']>;
  readonly patienceMs?: number;
  readonly keys?: Pick<KubernetesRun, 'keys'>;
  readonly during?: (double: Double, stop: AbortController) => Promise<void>;
  readonly before?: (double: Double) => void;
}

/** Results of the fake generators, unless a scenario says otherwise. */
export const JOURNALS = [
  { shard: 1, files: { 'journal.jsonl': 'journal of shard 1\n' }, notes: [] },
  { shard: 2, files: { 'journal.jsonl': 'journal of shard 2\n' }, notes: [] },
];

/** Making keys takes a second, and only one test is about them. */
const KEYS = freshSecrets();

/** Registers the hooks of a test file, and returns functions that run the driver. */
export function drivesDouble() {
  let folder: string;
  let yaml: string;
  let double: Double | null = null;
  const before = process.env.KUBECONFIG;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tollgate-test-kubernetes-'));
    yaml = execFileSync('kubectl', ['kustomize', join(ROOT, 'deploy/kubernetes/overlays/cluster')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    process.env.KUBECONFIG = join(folder, 'config');
  });
  afterAll(() => {
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    await double?.stop();
    double = null;
  });

  function useCluster(server: string): void {
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'double',
      contexts: [{ name: 'double', context: { cluster: 'double', user: 'tester' } }],
      // The client uses plain HTTP only if it is configured not to verify TLS.
      clusters: [{ name: 'double', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'tester', user: { token: 'a-token' } }],
    };
    writeFileSync(join(folder, 'config'), JSON.stringify(config));
  }

  async function run(
    scenario: Scenario,
    { faults = [], limits = {}, patienceMs = 5_000, keys = { keys: KEYS }, during, before: prepare }: Setting = {},
  ): Promise<Outcome> {
    await double?.stop();
    double = await startDouble(scenario, faults);
    useCluster(double.url);
    prepare?.(double);
    const stop = new AbortController();
    const patience = { deadlineMs: patienceMs, pauseMs: 20, signal: new AbortController().signal };
    const cluster = await openCluster({ context: null, patience });
    const notes: string[] = [];
    const steps: string[] = [];
    const running = runOnKubernetes({
      cluster,
      rendered: readObjects(cluster.parse(yaml), 'the overlay'),
      namespacePrefix: 'tollgate',
      plan: {
        shards: 2,
        replicas: 2,
        arms: [
          { name: 'none', usesRedis: false },
          { name: 'session-redis', usesRedis: true },
        ],
        image: { prefix: 'registry.example/tollgate', tag: '1' },
      },
      arguments: ['--experiments', 'latency', '--seed', '7'],
      measureSeconds: 10,
      limits: { readyMs: 20_000, unschedulableMs: 100, deleteMs: 1_000, ...limits },
      ...keys,
      signal: stop.signal,
      onProgress: (step) => steps.push(step),
      onNote: (text) => notes.push(text),
    });
    const [settled] = await Promise.allSettled([running, during?.(double, stop)]);
    const left = double.store.list('namespaces').map(({ metadata }) => metadata.name);
    const results = settled.status === 'fulfilled' ? settled.value : [];
    return { notes, steps, results, left, error: settled.status === 'rejected' ? settled.reason : null };
  }

  return {
    run,
    useCluster,
    /** Of the last run. */
    requests: () => double?.requests ?? [],
    times: () => double?.times ?? [],
    asked: (pattern: RegExp) => (double?.requests ?? []).filter((request) => pattern.test(request)).length,
  };
}
