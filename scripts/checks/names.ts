/**
 * Fails if code that measures or reports names an arm: it should use the arms' declarations, so that a new arm needs
 * no change there. Tests may name arms. Part of `npm run check`; the test passes another folder as the argument.
 */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeArms } from '../../bench/run/arms.ts';
import { controlNameOf } from '../../core/results/arms.ts';

const CODE = '{bench,core,regression,reports,target}/**/*.ts';
const TESTS = /\.test\.ts$|\/testing\//;

const arms = await describeArms();
const baseline = arms.find((arm) => arm.baseline)?.name ?? '';
const NAMES = [...arms.map(({ name }) => name), controlNameOf(baseline)];

/** Whether a line of code contains a name: anywhere if it has a hyphen, otherwise only as a whole string. */
function holds(line: string, name: string): boolean {
  if (name.includes('-')) return new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(line);
  const quoted = `['"\`]${name}['"\`]`;
  // The baseline's name is an ordinary word, so it counts only where an arm is meant.
  return new RegExp(name === baseline ? `\\b(arm|baseline|key|name)(:| =| [!=]==) ${quoted}` : quoted).test(line);
}

/** Comments may name arms as examples. The formatter puts each on a separate line or at the end of one. */
function withoutComment(line: string): string {
  return /^\s*(\/\/|\/\*|\*)/.test(line) ? '' : line.replace(/\s\/\/ .*$/, '');
}

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '../..'));
const found = globSync(CODE, { cwd: root })
  .filter((path) => !TESTS.test(path))
  .sort()
  .flatMap((path) => {
    const lines = readFileSync(join(root, path), 'utf8').split('\n').map(withoutComment);
    return lines.flatMap((line, i) =>
      NAMES.filter((name) => holds(line, name)).map((name) => `${path}:${i + 1} names the arm ${name}`),
    );
  });
if (found.length > 0) {
  console.error(
    `${found.join('\n')}\nAsk for a fact of ArmInfo instead, such as its role, its tags or what it stores.`,
  );
  process.exitCode = 1;
}
