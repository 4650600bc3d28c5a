import { describe, expect, it } from 'vitest';
import { leftovers, rewritten } from './rewrite.ts';

describe('a built file', () => {
  it.each([
    ["new URL('./process.ts', import.meta.url)", "new URL('./process.js', import.meta.url)"],
    ['const FILES = ["core/advise/needs.ts"];', 'const FILES = ["core/advise/needs.js"];'],
    [`from \`../\${name}.ts\``, `from \`../\${name}.js\``],
    ["name.endsWith('.test.ts')", "name.endsWith('.test.ts')"],
    ["'a sentence about a.ts'", "'a sentence about a.ts'"],
  ])('names the built module: %s', (source, built) => {
    expect(rewritten('a.js', source)).toBe(built);
  });

  it.each([
    [`npm run \${name} -- --help lists all flags`, `npx tollgate \${name} --help lists all flags`],
    ["'measure one with npm run bench, or name one'", "'measure one with npx tollgate bench, or name one'"],
    ["'npm run tollgate lists all commands'", "'npx tollgate --help lists all commands'"],
    ["'Usage: npm run COMMAND -- [flags]'", "'Usage: npx tollgate COMMAND [flags]'"],
    ["'for npm run bench:wrk'", "'for npx tollgate bench:wrk'"],
  ])('says how a command is typed: %s', (source, built) => {
    expect(rewritten('a.js', source)).toBe(built);
  });

  it('keeps text about npm itself', () => {
    const text = `npm run \${command} \${taken}`;
    expect(rewritten('cli/parse/npm-flags.js', text)).toBe(text);
    expect(leftovers('cli/parse/npm-flags.js', text)).toEqual([]);
  });
});

it('reports code that was not rewritten, but no comment', () => {
  const text = "/** See `npm run docs` and './a.ts'. */\nstart('./process.ts'); // npm run x\nprint('npm run  bench');";
  expect(leftovers('a.js', text)).toEqual(["a.js names the module './process.ts'", "a.js says npm run  bench');"]);
});
