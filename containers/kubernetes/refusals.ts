/** Describes requests that a cluster refused, each as one line with a hint. Pure. */
import { environmentError, messageOf, runError, type TollgateError } from '../../core/errors.ts';
import { inertLine } from '../../core/inert.ts';
import { isOfNetwork } from './persist.ts';

const QUOTA = /exceeded quota|LimitRange|maximum .* usage per/i;
const SECURITY = /violates PodSecurity/i;
export const FEWER = 'raise it, or reduce --shards, --arms or --replicas';

/** Messages of an API are shortened to one line. */
export function shown(text: string): string {
  const line = inertLine(text).trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

function messageIn(body: unknown): string {
  const value = typeof body === 'string' ? parsed(body) : body;
  const message = typeof value === 'object' && value !== null && 'message' in value ? value.message : value;
  return shown(typeof message === 'string' ? message : '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * @param error thrown by the client
 *
 * @param what was requested
 */
export function failureOf(
  error: unknown,
  { what, server }: { readonly what: string; readonly server: string },
): TollgateError {
  const { code, body } = error as { readonly code?: unknown; readonly body?: unknown };
  if (typeof code !== 'number') {
    const cause = isOfNetwork(error) ? (error as Error).cause : error;
    const reason = shown(messageOf(cause) || String((cause as NodeJS.ErrnoException).code ?? 'no answer'));
    return environmentError(
      `the cluster at ${server} cannot be reached: ${reason}`,
      'see kubectl cluster-info, or use another --context',
    );
  }
  const said = messageIn(body);
  if (code === 401) {
    return environmentError(`the cluster at ${server} refuses these credentials`, 'log in again, as for kubectl');
  }
  if (code === 403) return refused(what, said);
  if (code === 429) {
    return environmentError(`the cluster at ${server} is overloaded: ${what} was refused repeatedly`, 'try later');
  }
  return runError(`the cluster answered ${code} to ${what}: ${said}`, 'see kubectl get events --all-namespaces');
}

/** The error for a refused admission, from the API itself or from an event of the controller that creates pods. */
export function refused(what: string, said: string): TollgateError {
  if (QUOTA.test(said)) return environmentError(`a quota of the cluster refuses ${what}: ${said}`, FEWER);
  if (SECURITY.test(said)) {
    return environmentError(`the cluster's pod security refuses ${what}: ${said}`, 'correct the overlay');
  }
  return environmentError(
    `the cluster refuses ${what}: ${said}`,
    'request a role that may create namespaces and the objects in deploy/kubernetes',
  );
}
