/** Maps the location of code to its owner: a package, a part of Node, the server's own code. Pure. */

export const OWN_CODE = 'own code';
export const GC = 'garbage collector';
/** Time in the process without any script on the stack: the event loop, the HTTP parser, the kernel's share of reads. */
export const NATIVE = 'native';
export const OTHER_THREADS = 'other threads';

/** Modules of Node that are worth a bucket of their own, by how their names begin, after `node:` and `internal/`. */
const NODE_PARTS: readonly (readonly [start: string, bucket: string])[] = [
  ['net', 'node:net'],
  // Where every socket write and read passes.
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

/** Every other module of Node. */
export const NODE_OTHER = 'node:other';

/** A package's directory below the innermost `node_modules`: `@scope/name` or `name`. */
const PACKAGE = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/**
 * @param url of the code: `node:…`, a `file:` URL or a path
 * @returns the bucket; null for code without a file, whose caller says whose it is
 */
export function bucketOf(url: string): string | null {
  if (url === '') return null;
  if (url.startsWith('node:')) {
    const module = url.slice('node:'.length).replace(/^internal\//, '');
    return NODE_PARTS.find(([start]) => module.startsWith(start))?.[1] ?? NODE_OTHER;
  }
  return PACKAGE.exec(url)?.[1] ?? OWN_CODE;
}
