/**
 * From a CPU profile to a tree of stacks, in which equal stacks of several profiles are added up. Frames without a file
 * (native functions, code generated at run time) belong to their caller, as in `attribute`. Pure.
 */
import { bucketOf, GC, NATIVE } from './bucket.ts';
import type { CpuProfile } from './cpu-profile.ts';

/** A function that two builds have in common: identified by name and file, because lines move. */
export interface Frame {
  readonly name: string;
  /** Path below the build's folder, or below the innermost `node_modules`; empty for V8's own states. */
  readonly file: string;
  /** A package, a part of Node, or the server's own code. */
  readonly bucket: string;
  /** The line, from 1; null if it has none. */
  readonly line: number | null;
}

export interface Stack {
  readonly frame: Frame;
  /** µs with this frame on top. */
  selfMicros: number;
  readonly below: Map<string, Stack>;
}

const ROOT: Frame = { name: 'all', file: '', bucket: NATIVE, line: null };

export const emptyStack = (frame: Frame = ROOT): Stack => ({ frame, selfMicros: 0, below: new Map() });

export const keyOf = ({ name, file }: Pick<Frame, 'name' | 'file'>) => `${file}\n${name}`;

/** Idle time, and the work of the profiler itself. */
const LEFT_OUT = new Set(['(idle)', '(root)']);
const COLLECTOR = '(garbage collector)';
const isInspector = (url: string) => /^node:(internal\/)?inspector/.test(url);

/**
 * Adds a profile's busy time to a tree.
 *
 * @param root URL of the build's folder, with a trailing slash
 *
 * @param longestMicros maximum time of a sample: see `attribute`
 */
export function addStacks(tree: Stack, profile: CpuProfile, root: string, longestMicros: number): void {
  const self = timesOf(profile, longestMicros);
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const children = new Set(profile.nodes.flatMap((node) => node.children ?? []));
  // Uses an explicit stack, because the profiled code may recurse more deeply than this code could.
  const left = profile.nodes.filter(({ id }) => !children.has(id)).map((node) => ({ node, above: tree }));
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { node, above } = next;
    const { functionName, url } = node.callFrame;
    if (isInspector(url)) continue;
    const own = frameOf(node.callFrame, root);
    const place = own === null ? above : within(above, own);
    if (!LEFT_OUT.has(functionName)) place.selfMicros += self.get(node.id) ?? 0;
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child !== undefined) left.push({ node: child, above: place });
    }
  }
}

function within({ below }: Stack, frame: Frame): Stack {
  const key = keyOf(frame);
  const found = below.get(key) ?? emptyStack(frame);
  below.set(key, found);
  return found;
}

/** Each sample represents the time until the next one, as in `attribute`. */
function timesOf(profile: CpuProfile, longestMicros: number): Map<number, number> {
  const self = new Map<number, number>();
  let at = profile.startTime;
  for (const [i, id] of profile.samples.entries()) {
    at += profile.timeDeltas[i] ?? 0;
    const stood = Math.max(0, profile.timeDeltas[i + 1] ?? profile.endTime - at);
    self.set(id, (self.get(id) ?? 0) + Math.min(stood, longestMicros));
  }
  return self;
}

/** @returns null for a frame that belongs to its caller */
function frameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame'], root: string) {
  if (functionName === COLLECTOR) return { name: GC, file: '', bucket: GC, line: null };
  const bucket = bucketOf(url);
  if (bucket === null) return null;
  const line = lineNumber === undefined || lineNumber < 0 ? null : lineNumber + 1;
  return { name: functionName === '' ? '(anonymous)' : functionName, file: fileOf(url, root), bucket, line };
}

function fileOf(url: string, root: string): string {
  if (url.startsWith('node:')) return url;
  const package_ = url.lastIndexOf('/node_modules/');
  if (package_ >= 0) return url.slice(package_ + '/node_modules/'.length);
  return url.startsWith(root) ? url.slice(root.length) : url.replace(/^.*\//, '');
}

/** Self time by function, and by bucket. */
export function selfTimes(tree: Stack): { readonly frame: Frame; readonly micros: number }[] {
  const found = new Map<string, { frame: Frame; micros: number }>();
  const left = [tree];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const known = found.get(keyOf(next.frame)) ?? { frame: next.frame, micros: 0 };
    found.set(keyOf(next.frame), { ...known, micros: known.micros + next.selfMicros });
    left.push(...next.below.values());
  }
  return [...found.values()].filter(({ micros }) => micros > 0);
}

export const totalMicros = (tree: Stack): number => selfTimes(tree).reduce((sum, { micros }) => sum + micros, 0);

/** Adds one tree to another, with its times multiplied by a factor. */
export function addTree(to: Stack, from: Stack, factor: number): void {
  const left: (readonly [Stack, Stack])[] = [[to, from]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [into, of] = next;
    into.selfMicros += of.selfMicros * factor;
    for (const child of of.below.values()) left.push([within(into, child.frame), child]);
  }
}
