/** Describes a pod's fault as one line with a remedy. Pure. */
import type { CoreV1Event, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { environmentError, runError, type TollgateError } from '../../core/errors.ts';
import { FEWER, refused, shown } from './refusals.ts';

export const nameOf = ({ metadata }: Pick<V1Pod, 'metadata'>) => metadata?.name ?? '';
export const labelOf = ({ metadata }: Pick<V1Pod, 'metadata'>, label: string) => metadata?.labels?.[label] ?? null;
export const phaseOf = ({ status }: V1Pod) => status?.phase ?? 'Pending';
const conditionOf = ({ status }: V1Pod, type: string) => status?.conditions?.find((one) => one.type === type);
export const isReady = (pod: V1Pod) => conditionOf(pod, 'Ready')?.status === 'True';
export const isScheduled = (pod: V1Pod) => conditionOf(pod, 'PodScheduled')?.status === 'True';
export const isUnschedulable = (pod: V1Pod) => conditionOf(pod, 'PodScheduled')?.reason === 'Unschedulable';
export const restartsOf = ({ status }: V1Pod) =>
  (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);

/** The first failure of a pull may be due to the network; these follow after retries. */
const CANNOT_PULL = new Set(['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull']);

/** @returns null if nothing is wrong with it, or waiting may help */
export function faultOfPod(pod: V1Pod): TollgateError | null {
  for (const status of pod.status?.containerStatuses ?? []) {
    const fault = faultOfContainer(pod, status);
    if (fault !== null) return fault;
  }
  return null;
}

function faultOfContainer(pod: V1Pod, { image, state, lastState }: V1ContainerStatus): TollgateError | null {
  const { reason = '', message = '' } = state?.waiting ?? {};
  if (CANNOT_PULL.has(reason)) {
    return environmentError(
      `the image ${shown(image)} cannot be pulled: ${shown(message || reason)}`,
      'build and push it, see docs/kubernetes.md, or use another with --image',
    );
  }
  if (reason === 'CreateContainerConfigError' || reason === 'CreateContainerError' || reason === 'RunContainerError') {
    return environmentError(`pod ${nameOf(pod)} cannot start: ${shown(message || reason)}`, 'correct the overlay');
  }
  if (reason === 'CrashLoopBackOff') {
    const ended = lastState?.terminated;
    const how = ended?.reason === 'OOMKilled' ? 'it ran out of memory' : `exit code ${ended?.exitCode ?? 'unknown'}`;
    return runError(`pod ${nameOf(pod)} exits as soon as it starts: ${how}`, 'see its log, above');
  }
  return null;
}

/** The error for a pod that has been unscheduled for too long. */
export function unschedulable(pod: V1Pod): TollgateError {
  const message = conditionOf(pod, 'PodScheduled')?.message ?? '';
  const apart = /anti-?affinity/i.test(message);
  return environmentError(
    `no node can run pod ${nameOf(pod)}: ${shown(message)}`,
    apart
      ? 'generators do not share nodes with replicas: add a node, or share one with --overlay one-node'
      : 'add a node, or reduce --shards, --arms or --replicas',
  );
}

/** The controller of a Job, Deployment or StatefulSet reports in an event that it may not make pods. */
export function faultOfEvent({ reason, message = '', involvedObject }: CoreV1Event): TollgateError | null {
  if (reason !== 'FailedCreate') return null;
  const what = `the pods of ${involvedObject.kind} ${involvedObject.name}`;
  if (/exceeded quota|forbidden/i.test(message)) return refused(what, shown(message));
  return environmentError(`${what} cannot be made: ${shown(message)}`, FEWER);
}

/** Why a pod ended or was evicted, in words. */
export function endOfPod(pod: V1Pod): string {
  const disrupted = conditionOf(pod, 'DisruptionTarget');
  const why = [pod.status?.reason, pod.status?.message, disrupted?.message].filter(Boolean).join(', ');
  if (why !== '') return shown(why);
  const ended = pod.status?.containerStatuses?.map(({ state }) => state?.terminated).find(Boolean);
  return ended?.reason === 'OOMKilled' ? 'it ran out of memory' : `exit code ${ended?.exitCode ?? 'unknown'}`;
}
