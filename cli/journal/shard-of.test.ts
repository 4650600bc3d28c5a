import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readJournal } from '../../core/results/journal.ts';
import { shardOf } from './shard-of.ts';

const path = new URL('../../reports/testing/recorded/quick.journal.jsonl.gz', import.meta.url);
const recorded = readJournal(gunzipSync(readFileSync(path)).toString()).lines;

it('makes readable shards of one plan, each with as many slices as were recorded and none equal', () => {
  const [one, two] = [1, 2].map((index) => {
    const text = [...shardOf(recorded, { index, count: 2 })].map((line) => JSON.stringify(line)).join('\n');
    return readJournal(text);
  });
  expect([one?.damaged, two?.damaged]).toEqual([[], []]);
  expect([one, two].map((read) => read?.header.config.shard?.index)).toEqual([1, 2]);
  expect([one, two].map((read) => read?.lines[1]?.kind)).toEqual(['shard-began', 'shard-began']);
  const durations = [recorded, one?.lines ?? [], two?.lines ?? []].map((lines) =>
    lines.flatMap((line) => (line.kind === 'slice' ? [line.durationMs] : [])),
  );
  expect(durations[1]).toHaveLength(durations[0]?.length ?? 0);
  expect(durations[1]?.filter((ms, i) => ms === durations[2]?.[i])).toEqual([]);
});
