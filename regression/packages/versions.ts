/** Versions of one dependency to compare: read from the command line, and checked before anything is installed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Static } from 'typebox';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';
import { nearest } from '../../core/text/nearest.ts';

/** One dependency in two versions. */
export interface PackagePair {
  readonly name: string;
  readonly base: string;
  readonly head: string;
}

/** The npm package that is Node.js. */
const NODE_PACKAGE = 'node';

const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;
const NAME = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;

/** @param words such as `fast-jwt@6.3.5` twice @returns null with a fault added */
export function readPackagePair(words: readonly [string, string], faults: string[]): PackagePair | null {
  const parts = words.map((word) => {
    const at = word.lastIndexOf('@');
    return at > 0 ? { name: word.slice(0, at), version: word.slice(at + 1) } : null;
  });
  const [base, head] = parts;
  const shown = `--package ${words.join(' ')}`;
  if (!base || !head || !NAME.test(base.name) || !NAME.test(head.name)) {
    faults.push(`${shown}: give both versions, such as --package fast-jwt@6.3.5 fast-jwt@6.3.6`);
    return null;
  }
  if (base.name !== head.name) {
    faults.push(`${shown}: these are two packages; compare two versions of one`);
    return null;
  }
  return pairOf(base.name, base.version, head.version, shown, faults);
}

/** @param words two versions of Node.js, such as `26.9.0` twice. @returns null with a fault added */
export function readNodePair(words: readonly [string, string], faults: string[]): PackagePair | null {
  const [base, head] = words.map((word) => word.replace(/^v/, ''));
  return pairOf(NODE_PACKAGE, base ?? '', head ?? '', `--node ${words.join(' ')}`, faults);
}

function pairOf(name: string, base: string, head: string, shown: string, faults: string[]): PackagePair | null {
  const inexact = [base, head].filter((version) => !EXACT.test(version));
  if (inexact.length > 0) {
    faults.push(
      `${shown}: ${inexact.map((version) => JSON.stringify(version)).join(', ')} must be exact, such as 1.2.3`,
    );
    return null;
  }
  if (base === head) {
    faults.push(`${shown}: both are ${base}, so there is nothing to compare`);
    return null;
  }
  return { name, base, head };
}

const Manifest = Type.Object({
  dependencies: Type.Optional(Type.Record(Type.String(), Type.String())),
  devDependencies: Type.Optional(Type.Record(Type.String(), Type.String())),
  overrides: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type Manifest = Static<typeof Manifest>;
const checkManifest = checker(Manifest);

const SECTIONS = ['dependencies', 'devDependencies'] as const;

/** @returns null if the folder has no package.json with dependencies */
export function manifestOf(directory: string): Manifest | null {
  const path = join(directory, 'package.json');
  return existsSync(path) ? manifestIn(readFileSync(path, 'utf8')) : null;
}

/** @param text of a package.json. @throws SyntaxError if it is not JSON */
export function manifestIn(text: string): Manifest | null {
  const checked = checkManifest(JSON.parse(text));
  return checked.ok ? checked.value : null;
}

/** Faults for pairs that are not dependencies of a build. */
export function notDependencies(pairs: readonly PackagePair[], manifest: Manifest | null): string[] {
  const known = SECTIONS.flatMap((section) => Object.keys(manifest?.[section] ?? {}));
  return pairs
    .filter(({ name }) => !known.includes(name))
    .map(({ name }) => `${name} is not a dependency in package.json: ${nearest(name, known)}`);
}

/**
 * The same package.json with another version of a direct dependency. The override applies that version to other
 * packages that use it, too: otherwise they would keep their own.
 */
export function withVersion<Of extends Manifest>(manifest: Of, name: string, version: string): Of {
  const changed = SECTIONS.filter((section) => manifest[section]?.[name] !== undefined);
  return {
    ...manifest,
    ...Object.fromEntries(changed.map((section) => [section, { ...manifest[section], [name]: version }])),
    overrides: { ...manifest.overrides, [name]: version },
  };
}
