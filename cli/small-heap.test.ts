import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { YOUNG_BYTES } from './small-heap.ts';

/** Makes much garbage around little that stays, and tells the sizes of the heap. */
const PROGRAM = `
const { keepHeapSmall, youngBytes } = await import(${JSON.stringify(new URL('./small-heap.ts', import.meta.url).href)});
const { getHeapStatistics } = await import('node:v8');
if (process.argv[1] === 'small') keepHeapSmall();
const begun = youngBytes();
let kept = [];
let [most, young] = [0, begun];
for (let i = 0; i < 1_500_000; i++) {
  kept.push({ i, text: 'x' + i });
  if (kept.length === 50_000) kept = [];
  if (i % 1_000 !== 0) continue;
  most = Math.max(most, getHeapStatistics().total_heap_size);
  young = Math.max(young, youngBytes());
}
console.log(JSON.stringify({ begun, young, most }));
`;

const heapOf = (how: string): { begun: number; young: number; most: number } =>
  JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', PROGRAM, how], { encoding: 'utf8' }));

it('holds a heap with much garbage to less than half, and its young generation, too', () => {
  const small = heapOf('small');
  expect(small.begun).toBeGreaterThanOrEqual(YOUNG_BYTES);
  const usual = heapOf('usual');
  expect(small.young).toBeLessThan(usual.young / 2);
  expect(small.most).toBeLessThan(usual.most / 2);
});
