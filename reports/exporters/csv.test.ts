import { expect, test } from 'vitest';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { csv, csvField } from './csv.ts';

/** An RFC 4180 parser, independent of the writer. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (quoted && character === '"' && text[at + 1] === '"') {
      field += '"';
      at++;
    } else if (character === '"') quoted = !quoted;
    else if (!quoted && character === ',') {
      row.push(field);
      field = '';
    } else if (!quoted && character === '\r') {
      rows.push([...row, field]);
      row = [];
      field = '';
      at++;
    } else field += character;
  }
  return rows;
}

function table(figures: ReturnType<typeof figure>[]): string[][] {
  const [file] = csv.render(buildView({ ...sampleRun(), figures }), []);
  return parse(file?.content ?? '');
}

test('every figure of the run is read back with all its digits', () => {
  const run = sampleRun();
  const [head, ...rows] = table(run.figures);
  expect(head?.join()).toBe('experiment,arm,factors,metric,unit,value,low,high,confidence,blocks,forks,source,flags');
  expect(rows).toHaveLength(run.figures.length);
  rows.forEach((row, index) => {
    const { experiment, arm, metric, value, low, high, flags } = run.figures[index] ?? figure(null, 'rss_bytes', 0);
    expect([row[0], row[1], row[3]]).toEqual([experiment, arm ?? '', metric]);
    expect([row[5], row[6], row[7]].map(Number)).toEqual([value, low, high]);
    expect(row[12]).toBe(flags.join(';'));
  });
});

test('commas, quotes and line breaks in a name stay in their field', () => {
  const hostile = 'a,"b"\r\nc';
  const [, row] = table([figure(hostile, 'cpu_us_per_request', 1, { factors: { replicas: 2, load: 'x,y' } })]);
  expect(row?.[1]).toBe(hostile);
  expect(row?.[2]).toBe('load=x,y;replicas=2');
  expect(row).toHaveLength(13);
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', ' =1+1', '＝1+1', '＋1', '－1', '＠x', '=1,"2"\n3'])(
  'the text %j cannot run as a formula',
  (text) => {
    expect(csvField(text).replace(/^"/, '')).toMatch(/^'/);
  },
);

test('a negative number is unchanged', () => {
  expect(csvField(-2.7)).toBe('-2.7');
});
