/** A stateful fake of the Kubernetes API, over HTTP on loopback: it enforces the real API's rules, and fails on demand. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';
import { Controllers, type Scenario } from './controllers.ts';
import { type Change, Refusal, Store, type Stored } from './store.ts';

/** By group version: plural → kind. */
const RESOURCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  v1: {
    namespaces: 'Namespace',
    secrets: 'Secret',
    serviceaccounts: 'ServiceAccount',
    services: 'Service',
    pods: 'Pod',
    events: 'Event',
  },
  'apps/v1': { deployments: 'Deployment', statefulsets: 'StatefulSet' },
  'batch/v1': { jobs: 'Job' },
  'networking.k8s.io/v1': { networkpolicies: 'NetworkPolicy' },
};

/** Gives matching requests another answer, this many times. */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  readonly times: number;
  /** A status with a message, or a closed connection without an answer. */
  readonly answer: { readonly status: number; readonly message: string; readonly retryAfter?: number } | 'disconnect';
}

export interface Double {
  readonly url: string;
  readonly store: Store;
  readonly controllers: Controllers;
  /** `METHOD /path?query`, in order. */
  readonly requests: readonly string[];
  /** Milliseconds from the first request to each request. */
  readonly times: readonly number[];
  /** Closes the connections of all watches. */
  disconnect(): void;
  /** Sends the current version to all watches that asked for bookmarks. */
  bookmark(): void;
  stop(): Promise<void>;
}

interface Target {
  readonly groupVersion: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string | undefined;
  readonly part: string | undefined;
}

function targetOf(path: string): Target | null {
  const [, core, group, rest = ''] = /^\/(?:api\/(v1)|apis\/([^/]+\/v1))(?:\/(.*))?$/.exec(path) ?? [];
  const groupVersion = core ?? group;
  if (groupVersion === undefined) return null;
  const words = rest.split('/').filter(Boolean);
  const isInside = words[0] === 'namespaces' && words.length > 2;
  const [plural = '', name, part] = isInside ? words.slice(2) : words;
  return { groupVersion, plural, namespace: isInside ? (words[1] ?? '') : '', name, part };
}

interface Watcher {
  readonly response: ServerResponse;
  readonly plural: string;
  readonly bookmarks: boolean;
}

export async function startDouble(scenario: Scenario = {}, faults: readonly Fault[] = []): Promise<Double> {
  const store = new Store();
  const requests: string[] = [];
  const times: number[] = [];
  const left = new Map(faults.map((fault) => [fault, fault.times]));
  const watchers = new Set<Watcher>();
  const disconnect = () => {
    for (const { response } of [...watchers]) response.destroy();
  };
  const bookmark = () => {
    for (const { response, plural, bookmarks } of watchers) {
      if (!bookmarks) continue;
      const [groupVersion = 'v1'] = Object.entries(RESOURCES).find(([, kinds]) => plural in kinds) ?? [];
      const object = {
        apiVersion: groupVersion,
        kind: RESOURCES[groupVersion]?.[plural],
        metadata: { resourceVersion: String(store.version) },
      };
      response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
    }
  };
  const controllers = new Controllers(store, scenario, { disconnect, bookmark });

  const respond = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
      ...headers,
    });
    response.end(text);
  };
  const refuse = (response: ServerResponse, { code, reason, message }: Refusal, headers?: Record<string, string>) =>
    respond(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }, headers);

  function watch(response: ServerResponse, target: Target, query: URLSearchParams): void {
    const from = Number(query.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' });
    // Headers are sent at once, so that the client knows that it is connected.
    response.flushHeaders();
    if (from < store.compacted) {
      const object = { kind: 'Status', code: 410, reason: 'Expired', message: `too old resource version: ${from}` };
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    const tell = ({ type, plural, object }: Change) => {
      const isWanted = plural === target.plural && (object.metadata.namespace ?? '') === target.namespace;
      if (isWanted) response.write(`${JSON.stringify({ type, object })}\n`);
    };
    for (const change of store.since(from)) tell(change);
    const watcher = { response, plural: target.plural, bookmarks: query.get('allowWatchBookmarks') === 'true' };
    watchers.add(watcher);
    const unlisten = store.listen(tell);
    response.once('close', () => {
      unlisten();
      watchers.delete(watcher);
    });
  }

  function change(method: string, target: Target, body: Stored, query: URLSearchParams): Stored {
    const { plural, namespace, name = body.metadata.name } = target;
    const old = store.get(plural, namespace, name);
    if (namespace !== '') {
      const home = store.get('namespaces', '', namespace);
      if (home === undefined) throw new Refusal(404, 'NotFound', `namespaces "${namespace}" not found`);
      if (home.metadata.deletionTimestamp !== undefined)
        throw new Refusal(
          403,
          'Forbidden',
          `unable to create new content in namespace ${namespace} because it is being terminated`,
        );
    }
    const object = { ...body, metadata: { ...body.metadata, name, ...(namespace === '' ? {} : { namespace }) } };
    if (method === 'POST') {
      if (old !== undefined) throw new Refusal(409, 'AlreadyExists', `${plural} "${name}" already exists`);
      return store.put(plural, object);
    }
    if (method === 'PUT') {
      if (old === undefined) throw new Refusal(404, 'NotFound', `${plural} "${name}" not found`);
      if (object.metadata.resourceVersion === undefined)
        throw new Refusal(422, 'Invalid', `metadata.resourceVersion: must be specified for an update`);
      return store.put(plural, object);
    }
    if (query.get('fieldManager') === null) throw new Refusal(400, 'BadRequest', 'fieldManager is required for apply');
    return store.put(
      plural,
      old === undefined ? object : { ...old, ...object, metadata: { ...old.metadata, ...object.metadata } },
    );
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://double');
    const method = request.method ?? 'GET';
    requests.push(`${method} ${request.url}`);
    times.push(performance.now());
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const fault = faults.find(
      (one) => one.method === method && one.path.test(request.url ?? '') && (left.get(one) ?? 0) > 0,
    );
    if (fault !== undefined) {
      left.set(fault, (left.get(fault) ?? 0) - 1);
      if (fault.answer === 'disconnect') return void request.socket.destroy();
      const { status, message, retryAfter } = fault.answer;
      const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
      return refuse(response, new Refusal(status, 'Fault', message), headers);
    }
    if (pathname.startsWith('/version'))
      return respond(response, 200, { major: '1', minor: '34', gitVersion: 'v1.34.0', platform: 'linux/amd64' });
    const target = targetOf(pathname);
    const kinds = RESOURCES[target?.groupVersion ?? ''];
    if (target === null || kinds === undefined) throw new Refusal(404, 'NotFound', `no ${pathname}`);
    if (target.plural === '') {
      const resources = Object.entries(kinds).map(([name, kind]) => {
        return { name, kind, singularName: '', namespaced: kind !== 'Namespace', verbs: ['get', 'patch'] };
      });
      return respond(response, 200, {
        kind: 'APIResourceList',
        apiVersion: 'v1',
        groupVersion: target.groupVersion,
        resources,
      });
    }
    const kind = kinds[target.plural];
    if (kind === undefined) throw new Refusal(404, 'NotFound', `no ${target.plural}`);
    const { plural, namespace, name, part } = target;
    if (method === 'GET' && name === undefined) {
      if (searchParams.get('watch') === 'true') return watch(response, target, searchParams);
      const selector = (searchParams.get('labelSelector') ?? '')
        .split(',')
        .filter(Boolean)
        .map((one) => one.split('='));
      const items = store
        .list(plural, namespace === '' && kind !== 'Namespace' ? undefined : namespace)
        .filter(({ metadata }) => selector.every(([key = '', value]) => metadata.labels?.[key] === value));
      const metadata = { resourceVersion: String(store.version) };
      return respond(response, 200, { kind: `${kind}List`, apiVersion: target.groupVersion, metadata, items });
    }
    if (['POST', 'PUT', 'PATCH'].includes(method)) {
      const body = parse(Buffer.concat(chunks).toString()) as Stored;
      return respond(response, 200, change(method, target, body, searchParams));
    }
    const found = store.get(plural, namespace, name ?? '');
    if (found === undefined) throw new Refusal(404, 'NotFound', `${plural} "${name}" not found`);
    if (method === 'DELETE') {
      if (kind === 'Namespace') controllers.terminate(found);
      else store.remove(plural, found);
      return respond(response, 200, { kind: 'Status', apiVersion: 'v1', status: 'Success' });
    }
    if (part === 'log') return respond(response, 200, controllers.logOf(found));
    respond(response, 200, found);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (error instanceof Refusal) refuse(response, error);
      else refuse(response, new Refusal(500, 'InternalError', String(error)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    store,
    controllers,
    requests,
    times,
    disconnect,
    bookmark,
    stop: () =>
      new Promise((resolve) => {
        controllers.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
