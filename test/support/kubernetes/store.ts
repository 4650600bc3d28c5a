/** The state of an API server: objects with resource versions, and the changes that watches receive. */
import { randomUUID } from 'node:crypto';

export interface Stored {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  [field: string]: unknown;
}

export interface Change {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly plural: string;
  readonly object: Stored;
}

/** An answer that is not 2xx, with the message of the API server. */
export class Refusal extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

export class Store {
  readonly #objects = new Map<string, Stored>();
  readonly #changes: Change[] = [];
  readonly #listeners = new Set<(change: Change) => void>();
  #version = 1000;
  /** Changes up to this version are no longer available: an older watch must list again. */
  #compacted = 0;

  get version(): number {
    return this.#version;
  }

  get compacted(): number {
    return this.#compacted;
  }

  compact(version = this.#version): void {
    this.#compacted = version;
  }

  get(plural: string, namespace: string, name: string): Stored | undefined {
    return this.#objects.get(`${plural}/${namespace}/${name}`);
  }

  list(plural: string, namespace?: string): Stored[] {
    return [...this.#objects]
      .filter(([key]) => key.startsWith(namespace === undefined ? `${plural}/` : `${plural}/${namespace}/`))
      .map(([, object]) => object);
  }

  since(version: number): readonly Change[] {
    return this.#changes.filter((change) => change.version > version);
  }

  /** @throws Refusal 409 if the object has changed since the version that it names, or is new and names one */
  put(plural: string, object: Stored): Stored {
    const { namespace = '', name, resourceVersion } = object.metadata;
    const key = `${plural}/${namespace}/${name}`;
    const old = this.#objects.get(key);
    if (resourceVersion !== undefined && resourceVersion !== old?.metadata.resourceVersion) {
      throw new Refusal(
        409,
        'Conflict',
        `Operation cannot be fulfilled on ${plural} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
      );
    }
    const version = ++this.#version;
    const uid = old?.metadata.uid ?? randomUUID();
    const written = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(version) } };
    this.#objects.set(key, written);
    this.#tell({ version, type: old === undefined ? 'ADDED' : 'MODIFIED', plural, object: written });
    return written;
  }

  remove(plural: string, { metadata }: Stored): void {
    const key = `${plural}/${metadata.namespace ?? ''}/${metadata.name}`;
    const old = this.#objects.get(key);
    if (old === undefined) return;
    this.#objects.delete(key);
    const version = ++this.#version;
    const object = { ...old, metadata: { ...old.metadata, resourceVersion: String(version) } };
    this.#tell({ version, type: 'DELETED', plural, object });
  }

  /** All objects in a namespace. */
  removeAll(namespace: string): void {
    for (const [key, object] of [...this.#objects]) {
      const [plural = '', of] = key.split('/');
      if (of === namespace) this.remove(plural, object);
    }
  }

  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(change: Change): void {
    this.#changes.push(change);
    for (const listener of [...this.#listeners]) listener(change);
  }
}
