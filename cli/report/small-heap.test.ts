import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** Creates much garbage and few live objects, and prints the sizes of the heap. */
const PROGRAM = `
const { keepHeapSmall } = await import(${JSON.stringify(new URL('./small-heap.ts', import.meta.url).href)});
const { getHeapStatistics } = await import('node:v8');
if (process.argv[1] === 'small') keepHeapSmall();
let kept = [];
let most = 0;
for (let i = 0; i < 2_000_000; i++) {
  kept.push({ i, text: 'x' + i });
  if (kept.length === 50_000) kept = [];
  if (i % 1_000 !== 0) continue;
  most = Math.max(most, getHeapStatistics().total_heap_size);
}
console.log(JSON.stringify({ most }));
`;

const heapOf = (how: string): { most: number } =>
  JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', PROGRAM, how], { encoding: 'utf8' }));

it('limits a heap with much garbage to less than half', () => {
  expect(heapOf('small').most).toBeLessThan(heapOf('usual').most / 2);
});
