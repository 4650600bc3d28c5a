/** Kubernetes objects as data: rendered from deploy/kubernetes, changed here, and applied. */
import type { Static } from 'typebox';
import { environmentError } from '../../core/errors.ts';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';

export const COMPONENT = 'app.kubernetes.io/component';
export const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'tollgate' } as const;
export const SHARD_LABEL = 'tollgate.dev/shard';
export const ARM_LABEL = 'tollgate.dev/arm';
/** When the run began, in ms since 1970. */
export const RUN_LABEL = 'tollgate.dev/run';

const Labels = Type.Record(Type.String(), Type.String());

/** Only the fields that are used here; all others are passed through. */
const EnvVar = Type.Object({ name: Type.String(), value: Type.Optional(Type.String()) });
const PodTemplate = Type.Object({
  metadata: Type.Object({ labels: Type.Optional(Labels) }),
  spec: Type.Object({
    containers: Type.Array(
      Type.Object({ name: Type.String(), image: Type.Optional(Type.String()), env: Type.Optional(Type.Array(EnvVar)) }),
    ),
  }),
});
const KubeObject = Type.Object({
  apiVersion: Type.String(),
  kind: Type.String(),
  metadata: Type.Object({
    name: Type.String(),
    namespace: Type.Optional(Type.String()),
    labels: Type.Optional(Labels),
  }),
  spec: Type.Optional(
    Type.Object({
      template: Type.Optional(PodTemplate),
      replicas: Type.Optional(Type.Integer()),
      serviceName: Type.Optional(Type.String()),
      completions: Type.Optional(Type.Integer()),
      parallelism: Type.Optional(Type.Integer()),
      activeDeadlineSeconds: Type.Optional(Type.Integer()),
      podSelector: Type.Optional(Type.Unknown()),
      // In a Service, labels; in all other objects, `matchLabels`.
      selector: Type.Optional(Type.Unknown()),
    }),
  ),
  stringData: Type.Optional(Labels),
});
export type KubeObject = Static<typeof KubeObject>;

const check = checker(Type.Array(KubeObject, { minItems: 1 }));

/**
 * @param value the parsed YAML of rendered manifests
 *
 * @throws {TollgateError}
 */
export function readObjects(value: unknown, folder: string): KubeObject[] {
  const checked = check(value);
  if (checked.ok) return checked.value;
  throw environmentError(`${folder} renders no valid Kubernetes objects: ${checked.reason}`, 'correct its files');
}

export const componentOf = ({ metadata }: KubeObject): string | null => metadata.labels?.[COMPONENT] ?? null;
