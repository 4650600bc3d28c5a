/**
 * Starts the command line of a checkout. This file is JavaScript because Node strips the types of every file that is
 * not in the compile cache, and loading the code for that takes longer than the rest of a start. So the cache is on
 * before the first TypeScript is loaded. The folder is that of `core/compile-cache.ts`, as a test checks.
 */
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../node_modules/.cache/tollgate', import.meta.url));

// Versions of Node that lack it are refused by `main.ts`.
module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE || FOLDER);
await import('./main.ts');
