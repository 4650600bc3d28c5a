/**
 * Where compiled code is cached between processes: a run starts many of them, and compiling is a third of a start.
 * Node separates builds, versions and V8 flags, ignores a damaged file, and works without a folder that it cannot
 * write. This file may import no packages, because the command line loads it first.
 */
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../node_modules/.cache/tollgate', import.meta.url));

/** @returns the folder chosen by NODE_COMPILE_CACHE, or the default */
export function compileCache(folder = FOLDER): string {
  return process.env.NODE_COMPILE_CACHE || folder;
}
