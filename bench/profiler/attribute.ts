/**
 * From a CPU profile to time per package: self time, weighted by how long each sample stood (not by its count, since
 * samples do not come evenly). Pure.
 *
 * Whose a sample is: its top frame's file says. Native functions (a hash, a socket write) and code made at run time
 * (`new Function`, as serialisers and routers use it) have no file and count for their nearest caller that has one.
 * V8's own built-ins (JSON.parse, Array.prototype.map, regular expressions) have no frame at all: their time is already
 * their caller's.
 */
import { bucketOf, GC, NATIVE } from './bucket.ts';
import type { CpuProfile } from './cpu-profile.ts';

export interface Attribution {
  /** Sampled µs of the main thread by bucket. */
  readonly busyMicros: ReadonlyMap<string, number>;
  /** Waiting for something to do. */
  readonly idleMicros: number;
  /** Spent on taking the profile: starting it, stopping it. In no bucket. */
  readonly profilerMicros: number;
  /** Time beyond the longest that a sample may represent. It is in no bucket. */
  readonly cutMicros: number;
  readonly samples: number;
}

const IDLE = 'idle';
const PROFILER = 'profiler';
type Place = { readonly bucket: string } | { readonly outside: typeof IDLE | typeof PROFILER };

/** V8's own states, which stand directly below the root. */
const STATES: Readonly<Record<string, Place>> = {
  '(garbage collector)': { bucket: GC },
  '(program)': { bucket: NATIVE },
  '(idle)': { outside: IDLE },
  '(root)': { bucket: NATIVE },
};

/** The owner of every node, with its callers taken into account. */
function placeNodes({ nodes }: CpuProfile): ReadonlyMap<number, Place> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const children = new Set(nodes.flatMap((node) => node.children ?? []));
  const places = new Map<number, Place>();
  const roots = nodes.filter(({ id }) => !children.has(id));
  // With an explicit stack: deep recursion in the profiled code must not become our own recursion.
  const left = roots.map((node) => ({ node, caller: { bucket: NATIVE } as Place }));
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { node, caller } = next;
    const place = placeOf(node.callFrame, caller);
    places.set(node.id, place);
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child !== undefined && !places.has(id)) left.push({ node: child, caller: place });
    }
  }
  return places;
}

function placeOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame'], caller: Place): Place {
  // Whatever the inspector calls is the profiler's doing too.
  if ('outside' in caller) return caller;
  if (url.startsWith('node:inspector') || url.startsWith('node:internal/inspector')) return { outside: PROFILER };
  const bucket = bucketOf(url);
  if (bucket !== null) return { bucket };
  return Object.hasOwn(STATES, functionName) ? (STATES[functionName] ?? caller) : caller;
}

/**
 * Each sample stands until the next one, the last until the profile's end. What was before the first is nobody's.
 * @param longestMicros for which a sample may stand. V8's clock runs on while the thread waits for a core, and that
 * happens mostly where it wakes another process: without an end, socket writes are charged with what others did on the
 * core that they lost. What is cut off is in no bucket; the buckets' shares are of what is left.
 */
export function attribute(profile: CpuProfile, longestMicros = Number.POSITIVE_INFINITY): Attribution {
  const places = placeNodes(profile);
  const busyMicros = new Map<string, number>();
  const outside = { [IDLE]: 0, [PROFILER]: 0 };
  let cutMicros = 0;
  let at = profile.startTime;
  for (const [i, id] of profile.samples.entries()) {
    at += profile.timeDeltas[i] ?? 0;
    const place = places.get(id);
    if (place === undefined) continue;
    // Samples may be out of order by a hair, since a signal's time is taken on arrival.
    const stood = Math.max(0, profile.timeDeltas[i + 1] ?? profile.endTime - at);
    if ('outside' in place) {
      outside[place.outside] += stood;
      continue;
    }
    const micros = Math.min(stood, longestMicros);
    cutMicros += stood - micros;
    busyMicros.set(place.bucket, (busyMicros.get(place.bucket) ?? 0) + micros);
  }
  return {
    busyMicros,
    idleMicros: outside[IDLE],
    profilerMicros: outside[PROFILER],
    cutMicros,
    samples: profile.samples.length,
  };
}
