/** The hint of an error names something to do: it neither asks a question nor sends the reader back to the message. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../cli/root.ts';

const CODE = '{bench,cli,containers,core,library,published,regression,reports,scripts,target}/**/*.ts';
/** The end of a call that makes an error: its last argument, a string in one line. */
const HINT =
  /(?:runError|environmentError|usageError|UsageError)\((?:(?!Error\()[^;])*?,\s*(['"`])([^'"`\n]*)\1,?\s*\)/g;

const hintsIn = (text: string): string[] => [...text.matchAll(HINT)].map(([, , hint = '']) => hint);
const isEmpty = (hint: string) => /\?$|^see (the message|what)\b|^see npm run \w+$/.test(hint);

it('finds the hints that name nothing to do', () => {
  const text = `throw runError('it was late', 'is the machine busy?');
    throw environmentError(\`it cannot start: \${why}\`, 'see the message');
    reject(
      runError(
        message,
        'stop other programs',
      ),
    );`;
  expect(hintsIn(text)).toEqual(['is the machine busy?', 'see the message', 'stop other programs']);
  expect(hintsIn(text).filter(isEmpty)).toHaveLength(2);
});

it('no error has such a hint', () => {
  const files = globSync(CODE, { cwd: ROOT }).filter((path) => !path.endsWith('.test.ts'));
  const all = files.flatMap((path) => hintsIn(readFileSync(join(ROOT, path), 'utf8')));
  expect(all.length).toBeGreaterThan(100);
  expect(all.filter(isEmpty)).toEqual([]);
});
