/** Files that a flag asks for, such as `--junit FILE`. */
import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { unwritable, writeAtomically } from '../core/atomic-file.ts';
import type { Faults } from './command.ts';

/** Adds a fault if the file could not be written at the end of the run. */
export function checkWritable(flag: string, path: string | null, faults: Faults): void {
  if (path === null) return;
  const folder = dirname(resolve(path));
  if (!existsSync(folder))
    faults.push(`--${flag}: folder ${folder} not found: create it first, or choose another file`);
  else if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) faults.push(`--${flag}: ${path} is a folder`);
  else if (!mayWrite(folder)) faults.push(`--${flag}: folder ${folder} cannot be written`);
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** @throws TollgateError if the file cannot be written */
export function writeReportFile(path: string | null, text: string): void {
  if (path === null) return;
  // A pipe or a device, such as /dev/stdout, is written to, not replaced.
  const isDevice = existsSync(path) && !statSync(path).isFile();
  try {
    if (isDevice) writeFileSync(path, text);
    else writeAtomically(path, text);
  } catch (error) {
    throw isDevice ? unwritable(path, error) : error;
  }
}
