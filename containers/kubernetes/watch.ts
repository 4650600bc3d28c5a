/**
 * Follows the pods, jobs and events of a namespace with the client's informers, which watch, list again and
 * reconnect.
 */
import type * as client from '@kubernetes/client-node';
import type { TollgateError } from '../../core/errors.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';

export interface FleetState {
  readonly pods: readonly client.V1Pod[];
  readonly jobs: readonly client.V1Job[];
  readonly events: readonly client.CoreV1Event[];
}

export interface FleetWatch {
  /** Resolves once all three have been listed. */
  start(): Promise<void>;
  /**
   * Waits until `look` returns a value. It is called after every change, and periodically.
   *
   * @throws what `look` throws; the error of `late` once the deadline has passed; the signal's reason
   */
  until<T>(
    look: (state: FleetState) => T | null,
    limits: { readonly deadlineMs: number; readonly signal: AbortSignal; readonly late: () => TollgateError },
  ): Promise<T>;
  stop(): Promise<void>;
}

export interface WatchParts {
  readonly kubernetes: typeof client;
  readonly config: client.KubeConfig;
  readonly core: client.CoreV1Api;
  readonly namespace: string;
  readonly ask: <T>(what: string, question: () => Promise<T>) => Promise<T>;
}

/** How often to check for faults that develop over time, such as an unscheduled pod. */
const LOOK_MS = 500;
const RESTART_MS = 500;

export function watchFleet({ kubernetes, config, core, namespace, ask }: WatchParts): FleetWatch {
  const batch = config.makeApiClient(kubernetes.BatchV1Api);
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  let stopped = false;
  /** The error if listing failed permanently: the informer would keep retrying. */
  let failure: { readonly error: unknown } | null = null;
  const restarts = new Set<NodeJS.Timeout>();
  const inform = <T extends client.KubernetesObject>(
    path: string,
    list: () => Promise<client.KubernetesListObject<T>>,
  ) => {
    // By default the informer requests no bookmarks, without which a quiet watch soon becomes too old to resume.
    const informer = kubernetes.makeInformer<T>(config, `${path}?allowWatchBookmarks=true`, async () => {
      try {
        return await ask(path.slice(path.lastIndexOf('/') + 1), list);
      } catch (error) {
        failure = { error };
        changed();
        throw error;
      }
    });
    informer.on('change', changed);
    // It stops with an error, and resumes when it is started again.
    informer.on('error', () => {
      if (stopped) return;
      const timer = setTimeout(() => {
        restarts.delete(timer);
        if (!stopped) void informer.start();
      }, RESTART_MS);
      restarts.add(timer);
    });
    return informer;
  };
  const of = (group: string, plural: string) => `${group}/namespaces/${namespace}/${plural}`;
  const pods = inform<client.V1Pod>(of('/api/v1', 'pods'), () => core.listNamespacedPod({ namespace }));
  const jobs = inform<client.V1Job>(of('/apis/batch/v1', 'jobs'), () => batch.listNamespacedJob({ namespace }));
  const events = inform<client.CoreV1Event>(of('/api/v1', 'events'), () => core.listNamespacedEvent({ namespace }));
  const all = [pods, jobs, events];
  return {
    start: async () => void (await Promise.all(all.map((informer) => informer.start()))),
    until: (look, { deadlineMs, signal, late }) =>
      new Promise((resolve, reject) => {
        const deadline = performance.now() + deadlineMs;
        const settle = (end: () => void) => {
          listeners.delete(ask);
          clearInterval(timer);
          signal.removeEventListener('abort', ask);
          end();
        };
        const ask = () => {
          if (signal.aborted) return settle(() => reject(signal.reason));
          try {
            if (failure !== null) throw failure.error;
            const found = look({ pods: pods.list(), jobs: jobs.list(), events: events.list() });
            if (found !== null) settle(() => resolve(found));
            else if (performance.now() > deadline) settle(() => reject(late()));
          } catch (error) {
            settle(() => reject(error));
          }
        };
        const timer = setInterval(ask, LOOK_MS);
        listeners.add(ask);
        signal.addEventListener('abort', ask, { once: true });
        ask();
      }),
    stop: async () => {
      stopped = true;
      for (const timer of restarts) clearTimeout(timer);
      await stopInOrder([all]);
    },
  };
}
