/**
 * The page's scripts: files of the repository with types stripped, so that page and browser run the same functions.
 * The page's policy allows each script by its hash and no other.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { writeAtomically } from '../../../core/atomic-file.ts';
import { compileCache } from '../../../core/compile-cache.ts';
import { makeFolders } from '../../../core/folders.ts';

export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/** Node warns that stripping may change one day; the runtime is pinned, and readers of a report can do nothing about it. */
function withoutTypes(source: string): string {
  const warn = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = warn;
  }
}

/** One file as part of a script: no types, comments or exports, and no imports, since the other files are in it too. */
function plain(source: string): string {
  // Only a comment has consecutive blanks within a line, so no displayed text is changed below.
  if (/^(?!\s*(?:\/?\*|\/\/)).*\S {2,}\S/m.test(source))
    throw new ScriptError('a file of the page’s script has blanks side by side within a line');
  const script = withoutTypes(source)
    .replace(/^import [^;]*;$/gm, '')
    .replace(/^export (?=(?:async )?function|const|class)/gm, '')
    .replace(/^\s*\/\*\*?[\s\S]*?\*\/\s*$/gm, '')
    // Stripped types leave as many blanks as they had characters.
    .replace(/^[ \t]+/gm, ' ')
    .replace(/(?<=\S) {2,}(?=\S)/g, ' ')
    .replace(/^ ?\/\/.*$/gm, '')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n');
  if (/^(?:import|export)\b/m.test(script))
    throw new ScriptError('a file of the page’s script imports what is not in it');
  if (script.includes('</')) throw new ScriptError('a file of the page’s script would end its element');
  return script;
}

const sha256 = (text: string) => createHash('sha256').update(text);

/** @returns the cached script; null if there is none, or it is damaged */
function kept(path: string): string | null {
  try {
    const [hash, ...script] = readFileSync(path, 'utf8').split('\n');
    const found = script.join('\n');
    return hash === sha256(found).digest('hex') ? found : null;
  } catch {
    return null;
  }
}

function keep(folder: string, path: string, script: string): void {
  try {
    makeFolders(folder);
    writeAtomically(path, `${sha256(script).digest('hex')}\n${script}`);
  } catch {
    // If the folder cannot be written, nothing is cached; Node does the same.
  }
}

/**
 * The text of a script element. Stripping types takes an eighth of a second, so scripts are cached next to Node's
 * compiled code until one of their files, this one or Node changes. @param files in the order of their dependencies
 */
export function bundle(files: readonly URL[], folder = compileCache()): string {
  const sources = files.map((file) => readFileSync(file, 'utf8'));
  const made = [process.version, readFileSync(new URL(import.meta.url), 'utf8')];
  const name = sha256(JSON.stringify([...made, ...sources]))
    .digest('hex')
    .slice(0, 32);
  const path = join(folder, `script-${name}.js`);
  const found = kept(path);
  if (found !== null) return found;
  const script = `(()=>{'use strict';${sources.map(plain).join('\n')}})();`;
  keep(folder, path, script);
  return script;
}

/** The source of a script in the form of the Content-Security-Policy. */
export function scriptSource(script: string): string {
  return `'sha256-${sha256(script).digest('base64')}'`;
}
