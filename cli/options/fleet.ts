/** Flags of a run whose replicas, Redis and generators run in containers. */
import { resolve } from 'node:path';
import { MOST_SHARDS } from '../../core/results/recorded/shards.ts';
import type { FlagTable, Invocation } from '../command.ts';
import { readChoice, readInteger } from '../parse/values.ts';
import { ROOT } from '../root.ts';

export const PLATFORMS = ['kubernetes', 'compose'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** Folders of deploy/kubernetes/overlays. */
export const OVERLAYS = ['cluster', 'one-node', 'valkey', 'base'] as const;

/** Flags in the order of docs/kubernetes.md. */
export const FLEET = {
  fleet: {
    value: 'PLATFORM',
    help: 'Run replicas, Redis and load generators in containers: kubernetes or compose; measures latency and capacity (default: processes on this machine).',
  },
  shards: {
    value: 'N',
    help: 'With --fleet: measure N fresh starts of the containers, each with its own generator, and merge them (default: 3).',
  },
  image: {
    value: 'PREFIX',
    help: 'With --fleet kubernetes: pull PREFIX-replica and PREFIX-bench, tags allowed as PREFIX:TAG (default: tollgate).',
  },
  overlay: {
    value: 'NAME',
    help: 'With --fleet kubernetes: base, one-node, valkey, cluster, or a folder with your own kustomization (default: base).',
  },
  namespace: {
    value: 'NAME',
    help: 'With --fleet kubernetes: create a namespace NAME-<random> for the run, and delete it at the end (default: tollgate).',
  },
  context: {
    value: 'NAME',
    help: 'With --fleet kubernetes: use this context of the kubeconfig (default: the current one).',
  },
} as const satisfies FlagTable;

export interface FleetOptions {
  readonly platform: Platform;
  readonly shards: number;
  readonly image: { readonly prefix: string; readonly tag: string };
  /** A folder. */
  readonly overlay: string;
  readonly namespace: string;
  readonly context: string | null;
}

/** Options that such a run does not support, with the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  redis: 'the overlay or the compose file defines Redis',
  'store-server': 'the overlay or the compose file defines Redis',
  'store-sizes': 'only latency and capacity are measured',
  shard: '--shards creates the shards',
  'start-at': 'the generators start when their replicas are ready',
  resume: 'its containers are gone: begin a new run',
  cores: 'the containers have their own limits',
  'metrics-port': 'metrics are those of a run on this machine',
  'trace-endpoint': 'a trace is that of a run on this machine',
  aa: 'a control would need its own replicas',
  planted: 'a control would need its own replicas',
};

const DEFAULT_SHARDS = 3;
/** A namespace has at most 63 characters, and the random end takes six. */
const NAMESPACE = /^[a-z0-9](?:[-a-z0-9]{0,48}[a-z0-9])?$/;
/** A repository with an optional registry, and an optional tag. */
const IMAGE = /^([a-z0-9][\w./-]*(?::\d+\/[\w./-]+)?)(?::([\w][\w.-]{0,127}))?$/;

type Parsed = Pick<Invocation, 'values' | 'switches' | 'faults'>;

/** Reports flags that need --fleet, if it is missing. */
export function checkNoFleet({ values, faults }: Parsed): void {
  for (const flag of Object.keys(FLEET)) {
    if (flag !== 'fleet' && values[flag] !== undefined)
      faults.push(`--${flag} needs --fleet ${flag === 'shards' ? PLATFORMS.join(' or ') : 'kubernetes'}`);
  }
}

export function readFleet({ values, switches, faults }: Parsed): FleetOptions {
  const platform = readChoice('fleet', values.fleet ?? '', PLATFORMS, faults) ?? 'compose';
  for (const [flag, why] of Object.entries(REFUSED)) {
    if (values[flag] !== undefined || switches.has(flag)) faults.push(`--${flag} cannot be used with --fleet: ${why}`);
  }
  for (const flag of platform === 'compose' ? (['image', 'overlay', 'namespace', 'context'] as const) : []) {
    if (values[flag] !== undefined) faults.push(`--${flag} needs --fleet kubernetes: omit it`);
  }
  const namespace = values.namespace ?? 'tollgate';
  if (!NAMESPACE.test(namespace)) {
    faults.push(`--namespace: ${JSON.stringify(namespace)} must be lower-case letters, digits and hyphens, at most 50`);
  }
  const [, prefix, tag = 'latest'] = IMAGE.exec(values.image ?? 'tollgate') ?? [];
  if (prefix === undefined) {
    faults.push(`--image: ${JSON.stringify(values.image)} must be an image, such as registry.example/tollgate:1.2`);
  }
  const shards = values.shards === undefined ? null : readInteger('shards', values.shards, 1, MOST_SHARDS, faults);
  return {
    platform,
    shards: shards ?? DEFAULT_SHARDS,
    image: { prefix: prefix ?? '', tag },
    overlay: overlayFolder(values.overlay ?? 'base'),
    namespace,
    context: values.context ?? null,
  };
}

function overlayFolder(name: string): string {
  const own: readonly string[] = OVERLAYS;
  if (!own.includes(name)) return resolve(name);
  const folder = name === 'base' ? 'base' : `overlays/${name}`;
  return resolve(ROOT, 'deploy/kubernetes', folder);
}
