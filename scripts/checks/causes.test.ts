/** No cleanup hides the error before it: an `await` in `finally` would replace that error by its own. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAst } from 'vitest/node';
import { ROOT } from '../../cli/root.ts';

const CODE = '{bench,cli,containers,core,library,published,regression,reports,scripts,servers,target,test}/**/*.ts';

interface Node {
  readonly type: string;
  readonly start: number;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

/** The lines at which a `finally` awaits something that may fail. */
function awaitsInFinally(text: string): number[] {
  const found: number[] = [];
  const visit = (node: Node, isFinal: boolean): void => {
    const awaits = node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && 'await' in node && node.await);
    if (isFinal && awaits) found.push(text.slice(0, node.start).split('\n').length);
    for (const [key, value] of Object.entries(node)) {
      const inside = /Function|Class/.test(node.type) ? false : isFinal;
      for (const child of [value].flat())
        if (isNode(child)) visit(child, inside || (node.type === 'TryStatement' && key === 'finalizer'));
    }
  };
  visit(parseAst(text, { lang: 'ts' }), false);
  return found;
}

it('finds an await in finally, at any depth but in no function within', () => {
  const text = `async function run() {
  try {
    await work();
  } finally {
    if (isOpen) await server.stop();
    later(async () => await other.stop());
    for await (const one of all) one();
  }
}`;
  expect(awaitsInFinally(text)).toEqual([5, 7]);
});

it('finds none in the code and its tests: thenEnding() keeps the first error', () => {
  const found = globSync(CODE, { cwd: ROOT }).flatMap((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    return text.includes('finally') ? awaitsInFinally(text).map((line) => `${path}:${line}`) : [];
  });
  expect(found).toEqual([]);
});
