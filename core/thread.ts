/** Threads of this process. Only package-free code may be here. */
import { Worker } from 'node:worker_threads';
import { compileCache } from './compile-cache.ts';

/**
 * Code that is loaded after this is kept compiled, as that of a command is. Node gives such a script the variables of CommonJS
 * for the whole thread, which vega's bundles would take for a loader of theirs.
 */
const START = `
const { workerData } = require('node:worker_threads');
require('node:module').enableCompileCache(workerData.cache);
for (const name of ['exports', 'module', 'require']) delete globalThis[name];
import(workerData.entry);
`;

/**
 * @param entry the module that the thread runs
 * @param given what it finds as `workerData.given`
 */
export function startThread(entry: URL, given: unknown = null): Worker {
  return new Worker(START, { eval: true, workerData: { entry: entry.href, cache: compileCache(), given } });
}
