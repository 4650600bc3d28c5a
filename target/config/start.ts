/** Checks that the folder and the program of a start command exist. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { findOnPath } from '../../bench/processes/executables.ts';
import type { SecretReader, Surroundings } from './secrets.ts';

/**
 * @param at the pointer to the part about starting
 *
 * @returns null, with a fault, if the folder does not exist
 */
export function directoryOf(
  at: string,
  name: string | undefined,
  reader: SecretReader,
  { folder }: Surroundings,
): string | null {
  const directory = resolve(folder, name ?? '.');
  if (existsSync(directory) && statSync(directory).isDirectory()) return directory;
  reader.faults.push({
    pointer: `${at}/directory`,
    message: `is ${directory}, which is not a folder`,
    hint: 'paths are relative to service.json',
  });
  return null;
}

/** Adds a fault if the program does not exist. */
export function checkProgram(
  at: string,
  command: readonly string[],
  directory: string,
  reader: SecretReader,
  { env }: Surroundings,
): void {
  const [program = ''] = command;
  const isPath = program.includes('/');
  const isFound = isPath ? existsSync(resolve(directory, program)) : findOnPath([program], env.PATH ?? '');
  if (isFound) return;
  reader.faults.push({
    pointer: `${at}/command/0`,
    message: `is ${program}, which was not found`,
    hint: isPath
      ? `its path is relative to ${at.slice(1).replaceAll('/', '.')}.directory`
      : 'install it, or give its path',
  });
}
