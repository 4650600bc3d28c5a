/** Worker threads. This file may import no packages. */
import { Worker } from 'node:worker_threads';
import { compileCache } from './compile-cache.ts';

/**
 * Code loaded after this uses the compile cache, as in a command. Node defines the CommonJS variables for such a
 * script in the whole thread, which vega's bundles would mistake for a module loader.
 */
const START = `
const { workerData } = require('node:worker_threads');
require('node:module').enableCompileCache(workerData.cache);
for (const name of ['exports', 'module', 'require']) delete globalThis[name];
import(workerData.entry);
`;

/** @param entry the module to run @param given available to it as `workerData.given` */
export function startThread(entry: URL, given: unknown = null): Worker {
  return new Worker(START, { eval: true, workerData: { entry: entry.href, cache: compileCache(), given } });
}
