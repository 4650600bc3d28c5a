/**
 * Where compiled code is kept between processes: everything is started afresh many times in a run, and compiling is a
 * third of a start. Node keeps builds, versions and V8 flags apart, ignores a damaged file and does without a folder that it
 * cannot write. Only package-free code may be here: the command line loads it before anything else.
 */
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../node_modules/.cache/tollgate', import.meta.url));

/** @returns the folder that the user chose by NODE_COMPILE_CACHE, or else this one */
export function compileCache(folder = FOLDER): string {
  return process.env.NODE_COMPILE_CACHE || folder;
}
