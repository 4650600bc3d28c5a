/**
 * The page's scripts: files of the repository, types stripped, so that page and browser run the same functions. The page's
 * policy allows each script by its hash and no other.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

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
  const script = withoutTypes(source)
    .replace(/^import [^;]*;$/gm, '')
    .replace(/^export (?=function|const|class)/gm, '')
    .replace(/^\s*\/\*\*?[\s\S]*?\*\/\s*$/gm, '')
    // Types leave blanks behind, as many as they had characters.
    .replace(/^[ \t]+/gm, ' ')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n');
  if (/^(?:import|export)\b/m.test(script))
    throw new ScriptError('a file of the page’s script imports what is not in it');
  if (script.includes('</')) throw new ScriptError('a file of the page’s script would end its element');
  return script;
}

/** The text of a script element. @param files in the order in which they need each other */
export function bundle(files: readonly URL[]): string {
  const parts = files.map((file) => plain(readFileSync(file, 'utf8')));
  return `(()=>{'use strict';${parts.join('\n')}})();`;
}

/** The source of a script as the Content-Security-Policy names it. */
export function scriptSource(script: string): string {
  return `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
}
