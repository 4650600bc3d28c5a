/** The waits of a run on Kubernetes: for nodes, ready replicas, and ended generators. */
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { runError, type TollgateError } from '../../core/errors.ts';
import { isResultLine } from '../results.ts';
import type { Cluster } from './cluster.ts';
import type { FleetPlan } from './fleet.ts';
import { COMPONENT } from './objects.ts';
import {
  endOfPod,
  faultOfEvent,
  faultOfPod,
  isReady,
  isScheduled,
  isUnschedulable,
  labelOf,
  nameOf,
  phaseOf,
  restartsOf,
  unschedulable,
} from './pods.ts';
import { shown } from './refusals.ts';
import type { FleetState, FleetWatch } from './watch.ts';

export interface WaitLimits {
  /** Time from the first pod until the last is ready, including image pulls. */
  readonly readyMs: number;
  /** A pod is given up if it is unscheduled for this long; a cluster may add a node until then. */
  readonly unschedulableMs: number;
}

export interface WaitingRun {
  readonly cluster: Pick<Cluster, 'log'>;
  readonly limits: WaitLimits;
  readonly signal: AbortSignal;
  readonly onProgress: (step: string) => void;
  readonly onNote: (text: string) => void;
}

/** Lines of a failed container's log that are shown. */
const LAST_LINES = 12;
const INDEX = 'batch.kubernetes.io/job-completion-index';

const componentIs = (component: string) => (pod: V1Pod) => labelOf(pod, COMPONENT) === component;
const isGenerator = componentIs('generator');
const isServer = (pod: V1Pod) => componentIs('replica')(pod) || componentIs('redis')(pod);

/** A shard that is measured. */
export interface Completed {
  readonly shard: number;
  readonly pod: string;
  readonly notes: readonly string[];
}

/** The waits of one run, in their order. Each also checks for faults that waiting cannot resolve. */
export class Waits {
  readonly #run: WaitingRun;
  readonly #watch: FleetWatch;
  readonly #plan: FleetPlan;
  /** When each pod was first seen without a node. */
  readonly #homeless = new Map<string, number>();
  /** Pods of generators that failed and were replaced, by shard. */
  readonly #failures = new Map<number, Map<string, string>>();

  constructor(run: WaitingRun, watch: FleetWatch, plan: FleetPlan) {
    this.#run = run;
    this.#watch = watch;
    this.#plan = plan;
  }

  /** Waits until every generator has a node. */
  scheduled(): Promise<true> {
    const { shards } = this.#plan;
    return this.#until('the generators are not scheduled', this.#run.limits.readyMs, ({ pods }) => {
      const placed = pods.filter(isGenerator).filter(isScheduled).length;
      this.#run.onProgress(`${placed} of ${shards} generators are scheduled`);
      return placed >= shards ? true : null;
    });
  }

  /** Waits until every replica is ready, and all of Redis. */
  ready(): Promise<true> {
    const { arms, shards, replicas } = this.#plan;
    const wanted = arms.length * shards * replicas;
    return this.#until('the replicas are not ready', this.#run.limits.readyMs, ({ pods }) => {
      const ready = pods.filter(componentIs('replica')).filter(isReady).length;
      this.#run.onProgress(`${ready} of ${wanted} replicas are ready`);
      return ready >= wanted && pods.filter(isServer).every(isReady) ? true : null;
    });
  }

  /** Waits for the results of all shards, and checks that the servers are still the same. */
  complete(): Promise<readonly Completed[]> {
    const { shards, deadlineSeconds } = this.#plan;
    let servers: ReadonlyMap<string, V1Pod> | null = null;
    return this.#until('the generators have not finished', 1000 * deadlineSeconds, (state) => {
      servers ??= new Map(state.pods.filter(isServer).map((pod) => [pod.metadata?.uid ?? '', pod]));
      sameServers(servers, state.pods);
      this.#noteFailures(state.pods.filter(isGenerator));
      const done = new Map(
        state.pods
          .filter((pod) => isGenerator(pod) && phaseOf(pod) === 'Succeeded')
          .map((pod) => [shardOf(pod), nameOf(pod)]),
      );
      this.#run.onProgress(`${done.size} of ${shards} shards are measured`);
      if (done.size < shards) return null;
      return [...done]
        .map(([shard, pod]) => ({ shard, pod, notes: this.#notesOf(shard) }))
        .toSorted((a, b) => a.shard - b.shard);
    });
  }

  #noteFailures(pods: readonly V1Pod[]): void {
    for (const pod of pods) {
      if (phaseOf(pod) !== 'Failed') continue;
      const shard = shardOf(pod);
      const known = this.#failures.get(shard) ?? new Map<string, string>();
      this.#failures.set(shard, known);
      if (known.has(nameOf(pod))) continue;
      known.set(nameOf(pod), endOfPod(pod));
      this.#run.onNote(`The generator of shard ${shard} ended early (${endOfPod(pod)}); the Job restarts it.`);
    }
  }

  #notesOf(shard: number): string[] {
    const failures = [...(this.#failures.get(shard)?.values() ?? [])];
    if (failures.length === 0) return [];
    return [
      `The generator was restarted after it ended early (${failures.join('; ')}), so its replicas were not freshly started.`,
    ];
  }

  /** Waits, and checks for faults that waiting cannot resolve. */
  async #until<T>(what: string, deadlineMs: number, look: (state: FleetState) => T | null): Promise<T> {
    const late = () =>
      runError(
        `${what} after ${Math.round(deadlineMs / 1000)} s`,
        `see kubectl get pods,events -n ${this.#plan.namespace}`,
      );
    const { signal } = this.#run;
    try {
      const lookAround = (state: FleetState) => {
        const fault = this.#faultIn(state);
        if (fault !== null) throw fault;
        return look(state);
      };
      return await this.#watch.until(lookAround, { deadlineMs, signal, late });
    } catch (error) {
      if (!signal.aborted) await this.#showLog();
      throw error;
    }
  }

  #faultIn({ pods, jobs, events }: FleetState): TollgateError | null {
    for (const event of events) {
      const fault = faultOfEvent(event);
      if (fault !== null) return fault;
    }
    for (const pod of pods) {
      const fault = faultOfPod(pod) ?? this.#withoutNode(pod);
      if (fault !== null) return fault;
    }
    return jobs.map(faultOfJob).find((fault) => fault !== null) ?? null;
  }

  #withoutNode(pod: V1Pod): TollgateError | null {
    const uid = pod.metadata?.uid ?? nameOf(pod);
    if (!isUnschedulable(pod)) {
      this.#homeless.delete(uid);
      return null;
    }
    const since = this.#homeless.get(uid) ?? performance.now();
    this.#homeless.set(uid, since);
    return performance.now() - since >= this.#run.limits.unschedulableMs ? unschedulable(pod) : null;
  }

  /** Shows the last lines of a failed container, which say more than its exit code. */
  async #showLog(): Promise<void> {
    const { cluster, onNote } = this.#run;
    try {
      const failed = await this.#watch.until(
        ({ pods }) => ({ pod: pods.find((pod) => phaseOf(pod) === 'Failed' || restartsOf(pod) > 0) }),
        { deadlineMs: 0, signal: new AbortController().signal, late: () => runError('', '') },
      );
      if (failed.pod === undefined) return;
      const log = await cluster.log(this.#plan.namespace, nameOf(failed.pod), LAST_LINES);
      const lines = log.split('\n').filter((line) => line.trim() !== '' && !isResultLine(line));
      if (lines.length > 0) onNote(`The log of ${nameOf(failed.pod)} ends: ${shown(lines.join(' | '))}`);
    } catch {
      // There may be no log; the fault is reported in any case.
    }
  }
}

function shardOf(pod: V1Pod): number {
  return Number(pod.metadata?.annotations?.[INDEX] ?? Number.NaN) + 1;
}

function faultOfJob({ metadata, status }: V1Job): TollgateError | null {
  const failed = status?.conditions?.find(({ type, status: is }) => type === 'Failed' && is === 'True');
  if (failed === undefined) return null;
  return runError(
    `the Job ${metadata?.name} failed: ${shown(failed.message ?? failed.reason ?? '')}`,
    'see its log, above',
  );
}

/** @throws {TollgateError} if a server is not the one that was there when the load began */
function sameServers(before: ReadonlyMap<string, V1Pod>, pods: readonly V1Pod[]): void {
  const now = new Map(pods.map((pod) => [pod.metadata?.uid ?? '', pod]));
  for (const [uid, old] of before) {
    const pod = now.get(uid);
    const restarted = pod !== undefined && restartsOf(pod) > restartsOf(old);
    if (pod !== undefined && !restarted && phaseOf(pod) === 'Running' && pod.metadata?.deletionTimestamp === undefined)
      continue;
    const what = pod === undefined ? 'it was deleted' : restarted ? 'its container ended' : endOfPod(pod);
    throw runError(
      `pod ${nameOf(old)} was lost during the measurement: ${what}`,
      'run it again on nodes that are not drained or short of memory',
    );
  }
}
