/**
 * Process entry of the command line. Nothing that is imported here, or by what is imported here, may be a package: `setup`
 * also runs where packages are missing. What is loaded after the first line of code is kept compiled for the next command.
 */
import { enableCompileCache } from 'node:module';
import { compileCache } from '../bench/processes/compile-cache.ts';

enableCompileCache(compileCache());
const { runCommandLine } = await import('./command-line.ts');
await runCommandLine();
