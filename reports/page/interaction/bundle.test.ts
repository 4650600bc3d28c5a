import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bundle, ScriptError, scriptSource } from './bundle.ts';

let root: string;
let cache: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-test-bundle-'));
  cache = join(root, 'cache', 'of', 'scripts');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function file(name: string, source: string): URL {
  writeFileSync(join(root, name), source);
  return pathToFileURL(join(root, name));
}

const keptFiles = () => readdirSync(cache).map((name) => join(cache, name));

it('strips types, exports and imports, and concatenates files in order', () => {
  const files = [
    file('a.ts', 'export const a = (b: number): number => b + 1;\n'),
    file('c.ts', "import { a } from './a.ts';\nconst c: number = a(2);\n"),
  ];
  const script = bundle(files, cache);
  expect(script).toMatch(/^\(\(\)=>\{'use strict';const a = \(b *\) *=> b \+ 1;\n+const c *= a\(2\);\n\}\)\(\);$/);
});

it('builds a script once, and again when one of its files changes', () => {
  const one = bundle([file('a.ts', 'const a: number = 1;\n')], cache);
  expect(bundle([file('a.ts', 'const a: number = 1;\n')], cache)).toBe(one);
  expect(keptFiles()).toHaveLength(1);
  const other = bundle([file('a.ts', 'const a: number = 2;\n')], cache);
  expect(other).toContain('= 2');
  expect(keptFiles()).toHaveLength(2);
});

it('uses the cached script, unless it is damaged', () => {
  const files = [file('a.ts', 'const a: number = 1;\n')];
  const script = bundle(files, cache);
  const [path = ''] = keptFiles();
  const text = readFileSync(path, 'utf8');
  // Another script with its own hash is taken for what was kept: so this is where scripts come from.
  const other = "(()=>{'use strict';})();";
  const hash = Buffer.from(scriptSource(other).slice("'sha256-".length, -1), 'base64').toString('hex');
  expect(text.split('\n')[0]).toMatch(/^[0-9a-f]{64}$/);
  writeFileSync(path, `${hash}\n${other}`);
  expect(bundle(files, cache)).toBe(other);
  for (const damaged of [text.slice(0, -5), '', `${text}more`, text.slice(10)]) {
    writeFileSync(path, damaged);
    expect(bundle(files, cache)).toBe(script);
    expect(readFileSync(path, 'utf8')).toBe(text);
  }
});

it('works without a folder that cannot be created', () => {
  writeFileSync(join(root, 'taken'), '');
  const files = [file('a.ts', 'const a: number = 1;\n')];
  expect(bundle(files, join(root, 'taken', 'below'))).toBe(bundle(files, cache));
});

it('caches no script that it refuses', () => {
  const imports = file('a.ts', "import a from './b.ts'; export { a };\n");
  expect(() => bundle([imports], cache)).toThrow(ScriptError);
  expect(() => bundle([file('b.ts', "const end = '</script>';\n")], cache)).toThrow(ScriptError);
  expect(() => keptFiles()).toThrow();
});
