/** Files requested by a flag, such as `--junit FILE`. */
import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { unwritable, writeAtomically } from '../core/atomic-file.ts';
import { TollgateError } from '../core/errors.ts';
import { proveWritable } from '../core/folders.ts';
import type { Faults } from './command.ts';

/** Adds a fault if the file could not be written at the end of the run. */
export function checkWritable(flag: string, path: string | null, faults: Faults): void {
  if (path === null) return;
  const fault = writeFault(path);
  if (fault !== null) faults.push(`--${flag}: ${fault}`);
}

function writeFault(path: string): string | null {
  const folder = dirname(resolve(path));
  try {
    const there = statSync(path, NONE);
    if (there?.isDirectory()) return `${path} is a folder`;
    if (there !== undefined && !there.isFile()) {
      accessSync(path, constants.W_OK);
      return null;
    }
    const around = statSync(folder, NONE);
    if (around === undefined) return `folder ${folder} not found: create it first, or choose another file`;
    if (!around.isDirectory()) return `${folder} is a file, not a folder: choose another file`;
    proveWritable(folder);
    return null;
  } catch (error) {
    return error instanceof TollgateError ? error.message : unwritable(path, error).message;
  }
}

const NONE = { throwIfNoEntry: false } as const;

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
