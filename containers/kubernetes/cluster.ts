/** The cluster, through its official client. Only this module loads the client: it is large, and few runs need it. */
import type * as client from '@kubernetes/client-node';
import { environmentError, messageOf } from '../../core/errors.ts';
import type { KubeObject } from './objects.ts';
import { type Patience, persist } from './persist.ts';
import { failureOf } from './refusals.ts';
import { type FleetWatch, watchFleet } from './watch.ts';

const PACKAGE = '@kubernetes/client-node';
/** The version that package.json pins. */
const PACKAGE_VERSION = '2.0.1';
const FIELD_MANAGER = 'tollgate';
/** A cluster that does not answer at first is the wrong one, or off. */
const FIRST_ANSWER_MS = 5_000;

type Client = typeof client;

export interface Cluster {
  /** @throws if it cannot be reached, or refuses these credentials */
  check(): Promise<void>;
  /** Creates or changes an object by server-side apply, which is idempotent. */
  apply(object: KubeObject): Promise<void>;
  /** Names of the namespaces with these labels. */
  namespaces(labels: Readonly<Record<string, string>>): Promise<readonly string[]>;
  /**
   * Starts its deletion.
   *
   * @returns false if it is gone
   */
  deleteNamespace(name: string): Promise<boolean>;
  /** The log of an ended container, or its last lines. */
  log(namespace: string, pod: string, lastLines?: number): Promise<string>;
  watch(namespace: string): FleetWatch;
  parse(yaml: string): unknown;
}

export interface ClusterOptions {
  /** Null for the current one. */
  readonly context: string | null;
  readonly patience: Patience;
}

async function load(): Promise<Client> {
  try {
    return await import('@kubernetes/client-node');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw environmentError(
      `--fleet kubernetes needs the package ${PACKAGE}, which is not installed with Tollgate because of its size`,
      `install it beside Tollgate: npm install ${PACKAGE}@${PACKAGE_VERSION}`,
    );
  }
}

/** Connects by the kubeconfig that kubectl uses: KUBECONFIG, or ~/.kube/config. @throws TollgateError */
export async function openCluster({ context, patience }: ClusterOptions): Promise<Cluster> {
  const kubernetes = await load();
  const config = new kubernetes.KubeConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    throw environmentError(
      `the kubeconfig cannot be read: ${messageOf(error)}`,
      'correct it, as kubectl config view shows',
    );
  }
  if (context !== null) {
    if (config.getContextObject(context) === null) {
      const known = config.getContexts().map(({ name }) => name);
      throw environmentError(
        `--context: the kubeconfig has no context ${JSON.stringify(context)}`,
        known.length > 0 ? `name one of ${known.join(', ')}` : 'set KUBECONFIG',
      );
    }
    config.setCurrentContext(context);
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    throw environmentError('the kubeconfig names no cluster', 'choose one: kubectl config use-context NAME');
  }
  const core = config.makeApiClient(kubernetes.CoreV1Api);
  const objects = kubernetes.KubernetesObjectApi.makeApiClient(config);
  const ask = <T>(what: string, question: () => Promise<T>, deadlineMs = patience.deadlineMs) =>
    persist(question, { ...patience, deadlineMs }, (error) => failureOf(error, { what, server }));
  return {
    check: async () => {
      const version = config.makeApiClient(kubernetes.VersionApi);
      await ask('its version', () => version.getCode(), Math.min(FIRST_ANSWER_MS, patience.deadlineMs));
    },
    apply: async (object) => {
      const what = `${object.kind} ${object.metadata.name}`;
      const strategy = kubernetes.PatchStrategy.ServerSideApply;
      await ask(what, () => objects.patch(object, undefined, undefined, FIELD_MANAGER, true, strategy));
    },
    namespaces: async (labels) => {
      const labelSelector = Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(',');
      const { items } = await ask('the namespaces', () => core.listNamespace({ labelSelector }));
      return items.flatMap(({ metadata }) => metadata?.name ?? []);
    },
    deleteNamespace: (name) =>
      ask(`the namespace ${name}`, async () => {
        try {
          await core.deleteNamespace({ name, propagationPolicy: 'Background' });
          return true;
        } catch (error) {
          const code = (error as { readonly code?: unknown }).code;
          if (code === 404) return false;
          // Its deletion has already started.
          if (code === 409) return true;
          throw error;
        }
      }),
    log: (namespace, name, lastLines) =>
      ask(`the log of ${name}`, () =>
        core.readNamespacedPodLog({ namespace, name, ...(lastLines === undefined ? {} : { tailLines: lastLines }) }),
      ),
    watch: (namespace) => watchFleet({ kubernetes, config, core, namespace, ask }),
    parse: (yaml) => kubernetes.loadAllYaml(yaml),
  };
}
