/**
 * Runs before `npm pack`: Node does not strip types below node_modules, so the package contains JavaScript, without
 * comments. It also contains the declarations with their docstrings, and files that are read at run time. Takes about
 * ten seconds.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leftovers, rewritten } from './rewrite.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DIST = join(ROOT, 'dist');
/** Read at run time: the version, and the run that a report refers to if its own has no figure. */
const FILES = ['package.json', 'reports/reference/reference.json.gz'];

rmSync(DIST, { recursive: true, force: true });
try {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  // Several checkers would each infer the shared types, which takes twice the CPU time and memory. The first project
  // is checked; the second is a part of it.
  for (const project of ['tsconfig.package.json', 'tsconfig.declarations.json'])
    execFileSync(process.execPath, [tsc, '--project', project, '--checkers', '1'], { cwd: ROOT, stdio: 'inherit' });
  for (const name of FILES) cpSync(join(ROOT, name), join(DIST, name));
  const declared = exported();
  for (const path of filesIn(DIST)) if (path.endsWith('.d.ts') && !declared.has(path)) rmSync(path);
  const faults = filesIn(DIST)
    .filter((path) => /\.(?:js|d\.ts)$/.test(path))
    .flatMap(rewrite);
  if (faults.length > 0) {
    for (const fault of faults) console.error(fault);
    console.error('Give scripts/package/rewrite.ts a rule for each.');
    process.exitCode = 1;
  }
} catch (error) {
  // The compiler has already printed the reason.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The declarations that package.json exports, and all that they refer to. Others cannot be imported. */
function exported(): ReadonlySet<string> {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  const patterns = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.types]));
  const waiting = patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).map((path) => join(ROOT, path));
  const reached = new Set<string>();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, to = ''] of text.matchAll(/\b(?:from |import\()['"](\.[^'"]+)\.[jt]s['"]/g))
      waiting.push(join(dirname(path), `${to}.d.ts`));
  }
  return reached;
}

/** @returns what is still wrong in it */
function rewrite(path: string): string[] {
  const file = relative(DIST, path).split(sep).join('/');
  const text = readFileSync(path, 'utf8');
  const better = rewritten(file, text);
  if (better !== text) writeFileSync(path, better);
  return file.endsWith('.js') ? leftovers(file, better) : [];
}
