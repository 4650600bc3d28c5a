/**
 * The published OpenAPI schemas of Kubernetes, applied strictly: `kubernetes-models` checks required fields, types and
 * values; the attribute maps of the official client, generated from the same schemas, reveal unknown fields.
 */
import * as client from '@kubernetes/client-node';

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

const BUILT_IN = new Set(['string', 'number', 'boolean', 'any', 'Date', 'IntOrString', 'MicroTime', 'object']);

/** @returns the paths of fields that the schema of this type does not have */
function unknownFields(value: unknown, type: string, path: string): string[] {
  const [, item] = /^Array<(.+)>$/.exec(type) ?? [];
  if (item !== undefined) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((each, i) => unknownFields(each, item, `${path}/${i}`));
  }
  const [, entry] = /^\{ \[key: string\]: (.+); \}$/.exec(type) ?? [];
  if (typeof value !== 'object' || value === null) return [];
  if (entry !== undefined) {
    return Object.entries(value).flatMap(([key, each]) => unknownFields(each, entry, `${path}/${key}`));
  }
  if (BUILT_IN.has(type)) return [];
  const model = Reflect.get(client, type) as { getAttributeTypeMap(): readonly Attribute[] } | undefined;
  if (model === undefined) return [`${path} has the type ${type}, which the client does not know`];
  const attributes = new Map(model.getAttributeTypeMap().map(({ baseName, type: of }) => [baseName, of]));
  return Object.entries(value).flatMap(([key, each]) => {
    const of = attributes.get(key);
    return of === undefined ? [`${path}/${key} is unknown`] : unknownFields(each, of, `${path}/${key}`);
  });
}

async function faultsOf(manifest: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}): Promise<string[]> {
  const { apiVersion, kind, metadata } = manifest;
  const name = `${kind} ${metadata.name}`;
  const group = `kubernetes-models/${apiVersion}`;
  const models = (await import(/* @vite-ignore */ group)) as Record<
    string,
    new (
      data: unknown,
    ) => { validate(): void }
  >;
  const Model = models[kind];
  if (Model === undefined) return [`${name}: ${apiVersion} has no ${kind}`];
  const faults: string[] = [];
  try {
    new Model(manifest).validate();
  } catch (error) {
    faults.push((error as Error).message);
  }
  faults.push(...unknownFields(manifest, `V1${kind}`, ''));
  return faults.map((fault) => `${name}: ${fault}`);
}

/** @returns all errors, as `Kind name: where and what` */
export async function manifestFaults(manifests: readonly Parameters<typeof faultsOf>[0][]): Promise<string[]> {
  return (await Promise.all(manifests.map(faultsOf))).flat();
}
