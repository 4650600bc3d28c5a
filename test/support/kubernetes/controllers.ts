/** The behaviour of the controllers, the scheduler and the kubelet of a cluster, with planted failures. */
import type { GeneratorPlan } from '../../../containers/plan.ts';
import { packResults } from '../../../containers/results.ts';
import type { Change, Store, Stored } from './store.ts';

export interface Scenario {
  /** Pods of generators that fail, by completion index: how often, and how. */
  readonly generatorFails?: {
    readonly index: number;
    readonly times: number;
    readonly reason?: string;
    readonly exitCode?: number;
  };
  /** A server is evicted while the generators run. */
  readonly evictReplica?: boolean;
  /** Why no node accepts the pods of this component. */
  readonly unschedulable?: { readonly component: string; readonly message: string };
  /** The reason that the container of this component is waiting. */
  readonly waiting?: { readonly component: string; readonly reason: string; readonly message: string };
  /** The message with which pods beyond this number are refused. */
  readonly quota?: { readonly pods: number; readonly message: string };
  /** Before the generators end: watches are closed, and the changes that they missed are no longer available. */
  readonly expires?: boolean;
  /** Before that, bookmarks tell the watches the current version. */
  readonly bookmarks?: boolean;
  /** Watches are closed before the generators end, and can continue from the same version. */
  readonly disconnects?: boolean;
  /** The namespace is never deleted. */
  readonly stuck?: boolean;
  /** The generators never end. */
  readonly endless?: boolean;
  /** The content of their logs instead of results. */
  readonly log?: (index: number) => string;
}

interface Connections {
  readonly disconnect: () => void;
  readonly bookmark: () => void;
}

const COMPONENT = 'app.kubernetes.io/component';
const INDEX = 'batch.kubernetes.io/job-completion-index';

export class Controllers {
  readonly #store: Store;
  readonly #scenario: Scenario;
  readonly #connections: Connections;
  readonly #logs = new Map<string, string>();
  #pods = 0;
  #failures = 0;
  #isMeasuring = false;
  #stopped = false;
  /** Resolves when all replicas are ready and the generators run. */
  readonly measuring: Promise<void>;
  #began: () => void = () => {};

  constructor(store: Store, scenario: Scenario, connections: Connections) {
    this.#store = store;
    this.#scenario = scenario;
    this.#connections = connections;
    this.measuring = new Promise((resolve) => {
      this.#began = resolve;
    });
    store.listen((change) => void setImmediate(() => this.#react(change)));
  }

  stop(): void {
    this.#stopped = true;
  }

  logOf({ metadata }: Stored): string {
    return this.#logs.get(metadata.name) ?? '';
  }

  terminate(namespace: Stored): void {
    if (namespace.metadata.deletionTimestamp !== undefined) return;
    const deletionTimestamp = '2026-01-31T12:00:00Z';
    this.#store.put('namespaces', { ...namespace, metadata: { ...namespace.metadata, deletionTimestamp } });
    if (this.#scenario.stuck === true) return;
    setImmediate(() => {
      this.#store.removeAll(namespace.metadata.name);
      this.#store.remove('namespaces', namespace);
    });
  }

  #react({ type, plural, object }: Change): void {
    if (this.#stopped || type === 'DELETED') return;
    const { metadata, spec = {} } = object;
    if (this.#store.get(plural, metadata.namespace ?? '', metadata.name)?.metadata.uid !== metadata.uid) return;
    if (type === 'ADDED' && (plural === 'deployments' || plural === 'statefulsets')) {
      for (let i = 0; i < Number(spec.replicas); i++) this.#makePod(object);
    }
    if (type === 'ADDED' && plural === 'jobs') {
      for (let i = 0; i < Number(spec.completions ?? 1); i++) this.#makePod(object, i);
    }
    if (plural === 'pods') this.#advance(object);
  }

  #makePod(owner: Stored, index: number | null = null): void {
    const { namespace = '', name } = owner.metadata;
    const { quota } = this.#scenario;
    if (quota !== undefined && this.#store.list('pods', namespace).length >= quota.pods) {
      this.#store.put('events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${name}.${++this.#pods}`, namespace },
        type: 'Warning',
        reason: 'FailedCreate',
        message: quota.message,
        involvedObject: { kind: owner.kind, name, namespace },
      });
      return;
    }
    const template = owner.spec?.template as { metadata: { labels: Record<string, string> }; spec: object };
    this.#store.put('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${name}-${index === null ? '' : `${index}-`}${(++this.#pods).toString(36).padStart(5, '0')}`,
        namespace,
        labels: template.metadata.labels,
        annotations: index === null ? {} : { [INDEX]: String(index) },
      },
      spec: { ...template.spec },
      status: { phase: 'Pending' },
    });
  }

  /** One step in the life of a pod. */
  #advance(pod: Stored): void {
    const component = pod.metadata.labels?.[COMPONENT] ?? '';
    const { unschedulable, waiting } = this.#scenario;
    const { phase, conditions } = pod.status as { phase: string; conditions?: readonly { type: string }[] };
    if (phase === 'Pending' && conditions === undefined) {
      if (unschedulable?.component === component) {
        const { message } = unschedulable;
        this.#status(pod, {
          phase,
          conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
        });
        return;
      }
      const scheduled = { type: 'PodScheduled', status: 'True' };
      const containers = (pod.spec as { containers: readonly { name: string; image: string }[] }).containers;
      const statuses = containers.map(({ name, image }) => ({
        name,
        image,
        ready: false,
        restartCount: 0,
        imageID: '',
      }));
      if (waiting?.component === component) {
        const state = { waiting: { reason: waiting.reason, message: waiting.message } };
        this.#status(pod, {
          phase,
          conditions: [scheduled],
          containerStatuses: statuses.map((one) => ({ ...one, state })),
        });
        return;
      }
      this.#status(pod, {
        phase: 'Running',
        conditions: [scheduled, { type: 'Ready', status: 'True' }],
        containerStatuses: statuses.map((one) => ({ ...one, ready: true, state: { running: {} } })),
      });
      return;
    }
    if (component === 'redis-cluster' && phase === 'Running') this.#end(pod, 'Succeeded', 0);
    else if (phase === 'Running') this.#measure(pod.metadata.namespace ?? '', component === 'generator' ? pod : null);
  }

  /** Ends the generators once every replica of the plan is ready; later generators end at once. */
  #measure(namespace: string, late: Stored | null): void {
    const secret = this.#store.get('secrets', namespace, 'tollgate-plan')?.stringData as
      | Record<string, string>
      | undefined;
    if (secret === undefined) return;
    const plan = JSON.parse(secret['plan.json'] ?? '') as GeneratorPlan;
    const wanted = plan.arms.reduce((sum, { addresses }) => sum + addresses * plan.shards, 0);
    const running = (component: string) =>
      this.#store
        .list('pods', namespace)
        .filter(({ metadata, status }) => metadata.labels?.[COMPONENT] === component && status?.phase === 'Running');
    if (this.#isMeasuring) {
      if (late !== null && this.#scenario.endless !== true) this.#finish(late);
      return;
    }
    if (running('replica').length < wanted) return;
    this.#isMeasuring = true;
    this.#began();
    // The driver must also see that all are ready, before one of them is lost.
    setTimeout(() => this.#during(namespace, running), 50);
  }

  #during(namespace: string, running: (component: string) => Stored[]): void {
    if (this.#stopped || this.#store.get('namespaces', '', namespace) === undefined) return;
    const { evictReplica, expires, disconnects, bookmarks, endless } = this.#scenario;
    const [replica] = running('replica');
    if (evictReplica === true && replica !== undefined) {
      const message = 'The node was low on resource: memory.';
      this.#status(replica, { ...replica.status, phase: 'Failed', reason: 'Evicted', message });
      return;
    }
    if (bookmarks === true) {
      // A change that increases the version but affects no pod.
      this.#store.put('secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'other', namespace } });
      this.#connections.bookmark();
    }
    const finish = () => {
      if (endless !== true) for (const pod of running('generator')) this.#finish(pod);
    };
    if (expires !== true && disconnects !== true && bookmarks !== true) {
      finish();
      return;
    }
    // Once the bookmarks have been sent.
    setImmediate(() => {
      if (bookmarks === true) this.#store.compact();
      this.#connections.disconnect();
      finish();
      if (expires === true) this.#store.compact();
    });
  }

  #finish(pod: Stored): void {
    const index = Number(pod.metadata.annotations?.[INDEX]);
    const { generatorFails: fails } = this.#scenario;
    if (fails !== undefined && fails.index === index && this.#failures < fails.times) {
      this.#failures++;
      this.#logs.set(pod.metadata.name, 'error: the load generator broke\n');
      this.#end(pod, 'Failed', fails.exitCode ?? 137, fails.reason);
      this.#replace(pod, index);
      return;
    }
    const text =
      this.#scenario.log?.(index) ?? packResults({ 'journal.jsonl': `journal of shard ${index + 1}\n` }).join('\n');
    this.#logs.set(pod.metadata.name, `waiting for replicas\n${text}\ndone\n`);
    this.#end(pod, 'Succeeded', 0);
  }

  /** As often as the Job's `backoffLimit` allows; evictions are not counted. */
  #replace(pod: Stored, index: number): void {
    const job = this.#store.get('jobs', pod.metadata.namespace ?? '', 'generator');
    if (job === undefined) return;
    const limit = Number((job.spec as { backoffLimit?: number }).backoffLimit);
    if (this.#scenario.generatorFails?.reason === undefined && this.#failures > limit) {
      const message = 'Job has reached the specified backoff limit';
      const conditions = [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message }];
      this.#store.put('jobs', { ...job, status: { conditions } });
      return;
    }
    this.#makePod(job, index);
  }

  #end(pod: Stored, phase: string, exitCode: number, reason?: string): void {
    const state = { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' } };
    const statuses = (pod.status?.containerStatuses ?? []) as readonly object[];
    this.#status(pod, {
      ...pod.status,
      phase,
      ...(reason === undefined ? {} : { reason }),
      containerStatuses: statuses.map((one) => ({ ...one, ready: false, state })),
    });
  }

  #status(pod: Stored, status: Record<string, unknown>): void {
    const { namespace = '', name } = pod.metadata;
    const current = this.#store.get('pods', namespace, name);
    if (current !== undefined) this.#store.put('pods', { ...current, status });
  }
}
