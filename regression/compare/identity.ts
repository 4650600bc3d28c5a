/** Whether two builds could differ at all. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Build } from './build.ts';
import { lockName } from './install.ts';

/** Tests next to the servers are not part of them. */
const isTest = (name: string) => name.endsWith('.test.ts');

/** True if both run the same code on the same Node: equal server files, packages in their lock files, and Node. */
export function areIdentical(base: Build, head: Build): boolean {
  return base.node === head.node && codeOf(base.directory) === codeOf(head.directory);
}

/** A SHA-256 in hexadecimal of everything that a build runs, except its Node. */
export function codeOf(directory: string): string {
  const hash = createHash('sha256');
  const lock = join(directory, 'package-lock.json');
  if (existsSync(lock)) hash.update(lockName(readFileSync(lock, 'utf8')));
  const servers = join(directory, 'servers');
  const files = readdirSync(servers, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !isTest(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(servers.length));
  for (const file of files.toSorted()) {
    const content = createHash('sha256')
      .update(readFileSync(join(servers, file)))
      .digest('hex');
    hash.update(`${file}\n${content}\n`);
  }
  return hash.digest('hex');
}
