#!/usr/bin/env node
/**
 * Process entry of the command line. Nothing that is imported here, or by what is imported here, may be a package: `setup`
 * also runs where packages are missing. What is loaded after the first line of code is kept compiled for the next command.
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
