/** A run file with an attack in every text: each format must show it as text. */
import { Check } from 'typebox/value';
import { expect, test } from 'vitest';
import { parseInert } from '../../core/inert.ts';
import { Run } from '../../core/results/schema.ts';
import { CHARTS } from '../charts/index.ts';
import { drawCharts } from '../charts/shapes/draw.ts';
import { everyField } from '../testing/every-field.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { EXPORTERS } from './index.ts';
import { renderTerminal } from './terminal.ts';

/** Markup, the end of an attribute, Markdown, a terminal escape, a formula, and bidirectional marks. */
const ATTACK = `"'><img src=x onerror=alert(1)></style></script><script>alert(1)</script>\`[y](javascript:alert(1)) | @octocat\u001b[31m\u202e\r\n# Title\n=1+1`;

/** Fields limited to a list of values by the schema, and names that code looks up. */
const FIXED = new Set([
  'metric',
  'flags',
  'source',
  'stoppedBy',
  'role',
  'profile',
  'redisMode',
  'experiment',
  'quantile',
  'family',
  'serverState',
  'startedAt',
  'endedAt',
  'colour',
]);

function attacked(value: unknown, path: readonly string[] = []): unknown {
  const name = path.at(-1) ?? '';
  if (typeof value === 'string') return FIXED.has(name) ? value : `${value}${ATTACK}`;
  if (FIXED.has(name)) return value;
  if (Array.isArray(value)) return value.map((one) => attacked(one, [...path, '']));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, attacked(own, [...path, key])]));
}

/** The run with the attack in its texts. Names of experiments are kept, or no chart would find its figures. */
function attackedRun(run: Run): Run {
  const made = attacked(run) as Run;
  return { ...made, experiments: made.experiments.map((one, i) => ({ ...one, name: run.experiments[i]?.name ?? '' })) };
}

const RUNS = { 'the sample': sampleRun(), 'a run with every field': everyField(Run, sampleRun()) as Run };

async function files(run: Run): Promise<ReadonlyMap<string, string>> {
  const view = buildView(attackedRun(run));
  const charts = await drawCharts(CHARTS, view);
  expect(charts.length).toBeGreaterThan(5);
  return new Map(
    EXPORTERS.flatMap((exporter) => exporter.render(view, charts)).map(({ path, content }) => [path, String(content)]),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ACTIVE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202e]/;

test('the run with every field is a valid one, and has those that most runs lack', () => {
  const run = RUNS['a run with every field'];
  expect(Check(Run, run)).toBe(true);
  expect(run.shards?.[0]?.machine).toMatchObject({ kernel: 'text', cpu: { siblings: ['text'] } });
  expect(run.experiments[0]?.error).toBe('text');
});

test.each(Object.entries(RUNS))('every format shows it of %s, and none executes it', async (_, run) => {
  const written = await files(run);
  const kinds = new Set<string>();
  for (const [path, content] of written) {
    const kind = path.split('.').at(-1) ?? '';
    kinds.add(kind);
    expect(content.length, path).toBeGreaterThan(50);
    if (kind === 'html' || kind === 'svg') {
      expect(content, path).toContain('&lt;img src=x onerror');
      // Every bracket of the attack is escaped, so none of its elements begins or ends.
      expect(content, path).not.toMatch(/<img|<script>alert|<\/script>alert/);
      expect(content, path).not.toMatch(ACTIVE);
      // An attribute ends at its own quote: no part of the attack is between attributes.
      expect(content, path).not.toMatch(/<[a-z][^<>]*="[^"<>]*" *(?:onerror|'>)/);
    }
    if (kind === 'md') {
      const [text = ''] = content.split('<details><summary>How to reproduce');
      expect(text).not.toMatch(/<img|<script|(?<!\\)\]\(javascript|@octocat|^# Title/m);
      expect(content).not.toMatch(ACTIVE);
    }
    if (kind === 'json') expect(JSON.stringify(JSON.parse(content)), path).toContain('onerror');
    if (kind === 'csv') {
      // Fields after RFC 4180; a formula runs where one begins with its sign.
      const fields = [...content.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(?:,|\r\n)/g)].map(([, field = '']) =>
        field.replace(/^"/, ''),
      );
      expect(fields.length).toBeGreaterThan(100);
      expect(fields.filter((field) => /^[=@]/.test(field))).toEqual([]);
    }
  }
  expect([...kinds].sort()).toEqual(['csv', 'html', 'json', 'md', 'svg']);
});

test.each(Object.entries(RUNS))('a terminal gets no escape sequence from %s', (_, run) => {
  // Read like `run.json`: terminal escapes are then made visible for all commands.
  const read = parseInert(JSON.stringify(attackedRun(run))) as Run;
  const text = renderTerminal(buildView(read), { colour: false, width: 100 });
  expect(text).toContain('onerror');
  expect(text).not.toMatch(ACTIVE);
});
