import { expect, it } from 'vitest';
import { anchorsIn, pathsIn, relativeLinksIn, scriptsIn, sentencesIn, shownCommandsIn, wordsIn } from './prose.ts';

const PAGE = `# A page: its head

One sentence that
goes on. Two, with \`code of many words\` and [a link](docs/a.md#part).
- An item without a full stop
- Another. With two.

| a table | is. No sentence. |

\`\`\`ts
const code = 'Is none. Either.';
\`\`\`

See \`bench/load/turns.ts\`, \`bench/experiments/NAME/\`, \`core/text/\` and [the web](https://example.org/).
Use \`npm run bench:wrk\`, \`npm run NAME\`, \`npm test\` or \`npm ci\`.
`;

it('sentences are those of paragraphs and list items, without tables, code and headings', () => {
  expect(sentencesIn(PAGE)).toEqual([
    'One sentence that goes on.',
    'Two, with CODE and a link.',
    'An item without a full stop',
    'Another.',
    'With two.',
    'See CODE, CODE, CODE and the web.',
    'Use CODE, CODE, CODE or CODE.',
  ]);
});

it('words are counted without stand-alone dashes', () => {
  expect(wordsIn('one – two three-four')).toBe(3);
});

it('links, anchors, paths and scripts are found', () => {
  expect(relativeLinksIn(PAGE)).toEqual(['docs/a.md#part']);
  expect(anchorsIn(PAGE)).toEqual(['a-page-its-head']);
  expect(pathsIn(PAGE)).toEqual(['bench/load/turns.ts', 'core/text/']);
  expect(scriptsIn(PAGE)).toEqual(['bench:wrk', 'test']);
});

it('commands are found with their flags, in code blocks and in sentences', () => {
  const page = `Run \`npm run bench -- --budget 4m --aa\`, or \`npm
run compare -- --base
REF\` and \`npm run aa --json\`.

\`\`\`sh
npm --silent run report -- results/a --json > report.json # --out is for files
npx tollgate target service.json \\
  --allow-remote
npm run gate -- --arms x && npm run fuzz
\`\`\`
`;
  expect(shownCommandsIn(page)).toEqual([
    { name: 'report', flags: ['--json'] },
    { name: 'target', flags: ['--allow-remote'] },
    { name: 'gate', flags: ['--arms'] },
    { name: 'fuzz', flags: [] },
    { name: 'bench', flags: ['--budget', '--aa'] },
    { name: 'compare', flags: ['--base'] },
    { name: 'aa', flags: ['npm --json'] },
  ]);
});
