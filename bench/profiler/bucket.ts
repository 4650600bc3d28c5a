/** Maps the location of code to its owner: a package, a part of Node, the server's own code. Pure. */
import { EDGE_PROCESS } from '../../core/results/factors.ts';
import type { Factors } from '../../core/results/schema.ts';

const OWN_CODE = 'own code';
export const GC = 'garbage collector';
/** Time without any script on the stack: the event loop, the HTTP parser, the kernel's share of reads. */
export const NATIVE = 'native';
export const OTHER_THREADS = 'other threads';

const AT_EDGE = 'edge: ';

/** A bucket of an edge's process, distinct from that of the replica. */
export const atEdge = (bucket: string) => `${AT_EDGE}${bucket}`;

export const isAtEdge = (bucket: string) => bucket.startsWith(AT_EDGE);

/** The factors of a bucket's figures. */
export function factorsOf(bucket: string): Factors {
  return isAtEdge(bucket) ? { package: bucket.slice(AT_EDGE.length), process: EDGE_PROCESS } : { package: bucket };
}

/** Modules of Node with a separate bucket, by the prefix of their names after `node:` and `internal/`. */
const NODE_PARTS: readonly (readonly [start: string, bucket: string])[] = [
  ['net', 'node:net'],
  // Every socket write and read passes through these.
  ['stream_base_commons', 'node:net'],
  ['_http_', 'node:http'],
  ['http', 'node:http'],
  ['streams/', 'node:stream'],
  ['stream', 'node:stream'],
  ['_stream_', 'node:stream'],
  ['crypto', 'node:crypto'],
  ['events', 'node:events'],
  ['buffer', 'node:buffer'],
  ['timers', 'node:timers'],
  ['process/', 'node:process'],
  ['async_', 'node:async_hooks'],
];

/** All other modules of Node. */
const NODE_OTHER = 'node:other';

/** A package's directory below the innermost `node_modules`: `@scope/name` or `name`. */
const PACKAGE = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/**
 * @param url of the code: `node:…`, a `file:` URL or a path
 *
 * @returns the bucket; null for code without a file, which belongs to its caller's bucket
 */
export function bucketOf(url: string): string | null {
  if (url === '') return null;
  if (url.startsWith('node:')) {
    const module = url.slice('node:'.length).replace(/^internal\//, '');
    return NODE_PARTS.find(([start]) => module.startsWith(start))?.[1] ?? NODE_OTHER;
  }
  return PACKAGE.exec(url)?.[1] ?? OWN_CODE;
}
