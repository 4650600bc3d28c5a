/** `--fleet kubernetes`: renders deploy/kubernetes, and measures in the cluster. */
import { openCluster } from '../../containers/kubernetes/cluster.ts';
import { readObjects } from '../../containers/kubernetes/objects.ts';
import { render } from '../../containers/kubernetes/render.ts';
import { LIMITS, runOnKubernetes } from '../../containers/kubernetes/run.ts';
import { replicasOf } from './plan.ts';
import type { FleetRun } from './shapes.ts';

/** The deadline of one request to the API with all its retries. */
const QUESTION_MS = 60_000;
const PAUSE_MS = 500;

export async function runKubernetesFleet(run: FleetRun): Promise<void> {
  const { fleet, signal } = run;
  const yaml = await render(fleet.overlay, signal);
  // Clean-up at the end also happens after Ctrl-C.
  const patience = { deadlineMs: QUESTION_MS, pauseMs: PAUSE_MS, signal: new AbortController().signal };
  const cluster = await openCluster({ context: fleet.context, patience });
  const shards = await runOnKubernetes({
    cluster,
    rendered: readObjects(cluster.parse(yaml), fleet.overlay),
    namespacePrefix: fleet.namespace,
    plan: {
      shards: fleet.shards,
      replicas: replicasOf(run.config),
      arms: run.arms.map(({ name, usesRedis }) => ({ name, usesRedis })),
      image: fleet.image,
    },
    arguments: run.arguments,
    measureSeconds: run.measureSeconds,
    limits: LIMITS,
    signal,
    onProgress: run.onProgress,
    onNote: run.onNote,
  });
  for (const shard of shards) run.onMeasured(shard);
}
