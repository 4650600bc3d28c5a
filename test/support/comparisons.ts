/** The commands that compare commits, in a clone of this checkout that each test may change and gets unchanged. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type BenchProcess, startBench } from './bench-process.ts';
import { type Clone, makeClone } from './clone.ts';

export interface Comparisons {
  clone(): Clone;
  start(...args: string[]): BenchProcess;
  /** Adds these environment variables. */
  startWith(env: Record<string, string>, ...args: string[]): BenchProcess;
  run(...args: string[]): BenchProcess['ended'];
  /** Folders of builds and of Redis. */
  leftovers(): string[];
  /** Makes session-redis-lean send one more Redis command per request. */
  askTwice(): void;
}

/** Registers hooks that create, restore and remove the clone; call it once, at the top. */
export function comparisons(): Comparisons {
  let made: Clone | undefined;
  beforeAll(() => {
    made = makeClone();
  });
  afterAll(() => made?.remove());
  afterEach(() => {
    made?.git('checkout', '--quiet', '--force', 'main');
    made?.git('reset', '--quiet', '--hard', 'main');
  });

  function clone(): Clone {
    if (made === undefined) throw new Error('The clone is made before the tests, not before the file.');
    return made;
  }
  function startWith(more: Record<string, string>, ...args: string[]): BenchProcess {
    const { temporary, directory, cli } = clone();
    // A separate cache, because nothing else is ever started from the clone's files.
    // With CI set, a failing comparison is measured twice: only tests of that need it.
    const env = { CI: '', TMPDIR: temporary, NODE_COMPILE_CACHE: join(temporary, 'compiled'), ...more };
    return startBench(args, env, directory, cli);
  }
  const start = (...args: string[]) => startWith({}, ...args);
  return {
    clone,
    start,
    startWith,
    run: (...args) => start(...args).ended,
    leftovers: () => readdirSync(clone().temporary).filter((name) => /^tollgate-(compare|redis|callgrind)-/.test(name)),
    askTwice: () =>
      clone().patch(
        'servers/schemes/session-lean.ts',
        'const sessionId = unsign(readCookie(request.headers.cookie, cookieName));',
        'void redisOf(context).client.exists("asked-twice").catch(() => {});\n      const sessionId = unsign(readCookie(request.headers.cookie, cookieName));',
      ),
  };
}
