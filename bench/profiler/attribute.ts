/**
 * From a CPU profile to time per package: self time, with each sample weighted by the time that it represents (not by
 * count, because samples are not evenly spaced). Pure.
 *
 * The file of a sample's top frame determines its bucket. Native functions (a hash, a socket write) and code generated at
 * run time (`new Function`, as in serialisers and routers) have no file and count for their nearest caller with one.
 * V8's built-ins (JSON.parse, Array.prototype.map, regular expressions) have no frame at all: their time already belongs
 * to their caller.
 */
import { bucketOf, GC, NATIVE } from './bucket.ts';
import type { CpuProfile } from './cpu-profile.ts';

export interface Attribution {
  /** Sampled µs of the main thread by bucket. */
  readonly busyMicros: ReadonlyMap<string, number>;
  /** Idle time. */
  readonly idleMicros: number;
  /** Time spent on the profile itself, starting and stopping it. It is in no bucket. */
  readonly profilerMicros: number;
  /** Time beyond the maximum that a sample may represent. It is in no bucket. */
  readonly cutMicros: number;
  readonly samples: number;
}

const IDLE = 'idle';
const PROFILER = 'profiler';
type Place = { readonly bucket: string } | { readonly outside: typeof IDLE | typeof PROFILER };

/** V8's own states, directly below the root. */
const STATES: Readonly<Record<string, Place>> = {
  '(garbage collector)': { bucket: GC },
  '(program)': { bucket: NATIVE },
  '(idle)': { outside: IDLE },
  '(root)': { bucket: NATIVE },
};

/** The bucket of every node, which may be that of a caller. */
function placeNodes({ nodes }: CpuProfile): ReadonlyMap<number, Place> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const children = new Set(nodes.flatMap((node) => node.children ?? []));
  const places = new Map<number, Place>();
  const roots = nodes.filter(({ id }) => !children.has(id));
  // Uses an explicit stack, because the profiled code may recurse more deeply than this code could.
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
  // Everything that the inspector calls also belongs to the profiler.
  if ('outside' in caller) return caller;
  if (url.startsWith('node:inspector') || url.startsWith('node:internal/inspector')) return { outside: PROFILER };
  const bucket = bucketOf(url);
  if (bucket !== null) return { bucket };
  return Object.hasOwn(STATES, functionName) ? (STATES[functionName] ?? caller) : caller;
}

/**
 * Each sample represents the time until the next one, the last until the profile's end. The time before the first belongs
 * to no bucket.
 *
 * @param longestMicros maximum time of a sample. V8's clock continues while the thread waits for a core, mostly when it
 * wakes another process: without a maximum, socket writes would be charged with the work of others on the core that they
 * lost. The excess is in no bucket; the shares of buckets are of the remaining time.
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
    // Samples may be slightly out of order, because a signal's time is taken on arrival.
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
