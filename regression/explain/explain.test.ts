import { describe, expect, it } from 'vitest';
import type { CpuProfile } from '../../bench/profiler/cpu-profile.ts';
import { addStacks, emptyStack, selfTimes, totalMicros } from '../../bench/profiler/stacks.ts';
import { createRandom } from '../../core/stats/random.ts';
import { type ExplainedBuild, explainChange, explanationLines } from './explain.ts';
import { changedPackages } from './packages.ts';
import { flameOf, type ProfiledStart, shiftsOf } from './shifts.ts';

const ROOT = 'file:///tmp/build/0/';
/** `[name, url, µs, line]`, each called by the previous one. */
type Called = readonly [name: string, url: string, micros: number, line?: number];

/** A chain of calls, with garbage collection and idle time. */
function profileOf(chain: readonly Called[], gc = 0): CpuProfile {
  const called = chain.map(([functionName, url, , lineNumber = 0], i) => ({
    id: i + 10,
    callFrame: { functionName, url, lineNumber },
    children: i + 1 < chain.length ? [i + 11] : [],
  }));
  const state = (id: number, functionName: string) => ({
    id,
    callFrame: { functionName, url: '', lineNumber: -1 },
    children: [],
  });
  const samples = [...chain.map((_, i) => i + 10), 3, 2];
  const stood = [...chain.map(([, , micros]) => micros), gc, 500];
  return {
    nodes: [
      { ...state(1, '(root)'), children: [2, 3, 10] },
      state(2, '(idle)'),
      state(3, '(garbage collector)'),
      ...called,
    ],
    startTime: 0,
    endTime: stood.reduce((sum, one) => sum + one, 0),
    samples,
    timeDeltas: [0, ...stood.slice(0, -1)],
  };
}

function treeOf(...profiles: readonly CpuProfile[]) {
  const tree = emptyStack();
  for (const profile of profiles) addStacks(tree, profile, ROOT, 1e9);
  return tree;
}
const HANDLER = (micros: number, line = 41): Called => ['authenticate', `${ROOT}servers/schemes/lean.ts`, micros, line];
const LIBRARY = (micros: number): Called => ['verify', 'file:///x/node_modules/fast-jwt/src/verify.js', micros];

describe('stacks', () => {
  it('attribute native work to its caller, omit idle time, and add profiles up', () => {
    const chain = [HANDLER(30), LIBRARY(20), ['digest', '', 7]] as const;
    const tree = treeOf(profileOf(chain, 5), profileOf(chain, 5));
    const times = Object.fromEntries(selfTimes(tree).map(({ frame, micros }) => [frame.name, micros]));
    expect(times).toEqual({ authenticate: 60, verify: 54, 'garbage collector': 10 });
    expect(totalMicros(tree)).toBe(124);
  });

  it('name files relative to the build and to node_modules, so that two builds are comparable', () => {
    const frames = selfTimes(treeOf(profileOf([HANDLER(1), LIBRARY(1)]))).map(({ frame }) => frame);
    expect(frames).toEqual(
      expect.arrayContaining([
        { name: 'authenticate', file: 'servers/schemes/lean.ts', bucket: 'own code', line: 42 },
        { name: 'verify', file: 'fast-jwt/src/verify.js', bucket: 'fast-jwt', line: 1 },
      ]),
    );
  });
});

/** @param more µs that the head spends in the handler beyond the base's 30 of 50 */
function startsWith(more: number, count: number, noise = 0.2): ProfiledStart[] {
  const random = createRandom(3);
  const noisy = (us: number) => us * (1 + noise * (random.random() - 0.5) * 0.05);
  const side = (own: number, line: number) => ({
    stacks: treeOf(profileOf([HANDLER(noisy(own), line), LIBRARY(noisy(18))], noisy(2))),
    requestUs: own + 20,
  });
  return Array.from({ length: count }, () => ({ base: side(30, 41), head: side(30 + more, 43) }));
}

describe('the difference', () => {
  it('is located by function and package, with the head’s line and an interval that contains the truth', () => {
    const shifts = shiftsOf(startsWith(1.5, 6));
    expect(shifts?.functions).toHaveLength(1);
    expect(shifts?.functions[0]).toMatchObject({ name: 'authenticate', line: 44, package: 'own code' });
    const { low = 9, high = -9 } = shifts?.functions[0]?.difference ?? {};
    expect(low).toBeLessThan(1.5);
    expect(high).toBeGreaterThan(1.5);
    expect(shifts?.packages.map((one) => one.package)).toEqual(['own code']);
    expect(shifts?.compared).toEqual({ packages: 3, functions: 3 });
  });

  it('is empty for identical builds, in all but one of twenty attempts at most', () => {
    const random = createRandom(11);
    let wrong = 0;
    for (let trial = 0; trial < 200; trial++) {
      const side = () => {
        const chain = [HANDLER(30 + random.random()), LIBRARY(18 + random.random())];
        return { stacks: treeOf(profileOf(chain, 2 + random.random())), requestUs: 50 + random.random() };
      };
      const shifts = shiftsOf(Array.from({ length: 5 }, () => ({ base: side(), head: side() })));
      if ((shifts?.functions.length ?? 0) > 0) wrong++;
    }
    expect(wrong).toBeLessThanOrEqual(20);
  });

  it('is found even if the machine is twice as slow in every other start', () => {
    const starts = startsWith(1.5, 6).map(({ base, head }, i) => ({
      base: { ...base, requestUs: base.requestUs * (1 + (i % 2)) },
      head: { ...head, requestUs: head.requestUs * (1 + (i % 2)) },
    }));
    expect(shiftsOf(starts)?.functions.map(({ name }) => name)).toEqual(['authenticate']);
  });

  it('needs at least four starts', () => {
    expect(shiftsOf(startsWith(20, 3))).toBeNull();
  });

  it('adds up in the flame graph, including what only one build has', () => {
    const flame = flameOf(startsWith(5, 3, 0), 'an arm');
    expect(flame).toMatchObject({ name: 'an arm' });
    expect(flame.baseUs).toBeCloseTo(50, 6);
    expect(flame.headUs).toBeCloseTo(55, 6);
    const gone = startsWith(0, 3).map(({ base }) => ({ base, head: { stacks: emptyStack(), requestUs: 1 } }));
    expect(flameOf(gone, 'x').children[0]).toMatchObject({ headUs: 0 });
  });
});

describe('an explanation', () => {
  const lock = (version: string) =>
    JSON.stringify({
      packages: {
        '': { version: '9' },
        'node_modules/fast-jwt': { version },
        'node_modules/a/node_modules/b': { version: '1' },
      },
    });
  const build = (version: string): ExplainedBuild => ({
    label: `build ${version}`,
    node: 'v26.10.0',
    v8: '14',
    canProfile: true,
    lock: lock(version),
  });
  const arm = {
    arm: 'an-arm',
    presence: 'both',
    guards: [{ metric: 'request_bytes', base: 1, head: 2, error: 0, verdict: 'more' }],
    instructions: null,
    costs: [],
    counters: null,
  } as const;

  it('names the packages that changed, at any depth, and added or removed ones', () => {
    expect(changedPackages(lock('6.3.5'), lock('6.3.6'))).toEqual([{ name: 'fast-jwt', base: '6.3.5', head: '6.3.6' }]);
    expect(changedPackages(null, lock('1'))).toContainEqual({ name: 'a > b', base: null, head: '1' });
  });

  it('gives location, size, counts, and the builds’ runtime', () => {
    const starts = new Map([['an-arm', startsWith(1.5, 6)]]);
    const other = { ...build('6.3.6'), node: 'v26.11.0' };
    const text = explanationLines(explainChange(build('6.3.5'), other, [arm], starts)).join('\n');
    expect(text).toMatch(/an-arm: where a request spends more or less \(CPU profiles of 6 starts/);
    expect(text).toMatch(/ {2}authenticate, servers\/schemes\/lean\.ts:44: \+1\.\d\d µs \[\+\d/);
    expect(text).toMatch(/request_bytes 1 → 2/);
    expect(text).toMatch(/Packages that changed: fast-jwt 6\.3\.5 → 6\.3\.6\./);
    expect(text).toMatch(/Node\.js: v26\.10\.0 → v26\.11\.0\./);
    expect(text).not.toMatch(/V8/);
  });

  it('says why one arm has no profile: it was only counted again, or in too few starts', () => {
    const text = (count: number) => {
      const starts = new Map([['an-arm', startsWith(1.5, 6).slice(0, count)]]);
      return explanationLines(explainChange(build('1'), build('1'), [arm], starts)).join('\n');
    };
    expect(text(0)).toMatch(/an-arm: there is no profile: only what can be counted was measured again\./);
    expect(text(3)).toMatch(/an-arm: there is no profile: 3 fresh starts were profiled, and it takes 4\./);
    expect(text(6)).not.toMatch(/no profile/);
  });

  it('says why there is no profile', () => {
    const old = { ...build('1'), canProfile: false };
    expect(explanationLines(explainChange(old, build('1'), [arm], new Map())).join('\n')).toMatch(
      /There is no profile: build 1 is too old[\s\S]*the lock files are identical/,
    );
  });
});
