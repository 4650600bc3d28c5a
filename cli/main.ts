#!/usr/bin/env node
/**
 * Process entry of the command line. Nothing imported here, directly or transitively, may be a package: `setup` must
 * run without any. Code loaded after the first line is in the compile cache for the next command. In a checkout,
 * `start.js` turns that cache on before this file is loaded.
 */
import module from 'node:module';
import { compileCache } from '../core/compile-cache.ts';
import { nodeFault } from './package/node-version.ts';

const fault = nodeFault(process.versions.node);
if (fault === null) {
  module.enableCompileCache(compileCache());
  const { runCommandLine } = await import('./command-line.ts');
  await runCommandLine();
} else {
  console.error(fault);
  process.exitCode = 3;
}
