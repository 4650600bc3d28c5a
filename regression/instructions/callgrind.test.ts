import { expect, it } from 'vitest';
import { instructionsIn } from './callgrind.ts';
import { compareInstructions } from './count.ts';

// The head and the end of a file written by callgrind 3.19 when vgdb requested a dump.
const DUMP = `# callgrind format
version: 1
creator: callgrind-3.19.0
pid: 1107
cmd:  node --no-opt --no-maglev --no-sparkplug --predictable --hash-seed=1 --single-threaded servers/process/replica.ts
part: 5


desc: I1 cache: 
desc: D1 cache: 
desc: LL cache: 

desc: Timerange: Basic block 76485305 - 92872822
desc: Trigger: dump

positions: line
events: Ir
summary: 80014252


ob=(4) /usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30
fl=(41) ???
fn=(1442) operator new(unsigned long)
0 8
cob=(3) /usr/lib/x86_64-linux-gnu/libc.so.6
calls=4 0 
0 412

totals: 80014252
`;

it('reads the instruction count of a callgrind file', () => {
  expect(instructionsIn(DUMP)).toBe(80_014_252);
  expect(instructionsIn(DUMP.replace(/^summary: .*\n/m, ''))).toBe(80_014_252);
  // With a model of the caches there are more events, in any order.
  const more = DUMP.replace('events: Ir', 'events: Dr Ir Dw').replaceAll('80014252', '7 80014252 9');
  expect(instructionsIn(more)).toBe(80_014_252);
});

it('accepts no other file', () => {
  for (const text of [
    '',
    'summary: 12',
    DUMP.replace('events: Ir', 'events: Dr'),
    DUMP.replaceAll('80014252', 'many'),
  ]) {
    expect(instructionsIn(text)).toBeNull();
  }
});

it('tolerates differences up to the margin', () => {
  const verdict = (head: number) => compareInstructions(400_000, head, 0.5).verdict;
  expect([398_001, 400_000, 402_000].map(verdict)).toEqual(['same', 'same', 'same']);
  expect(verdict(402_001)).toBe('more');
  expect(verdict(397_999)).toBe('fewer');
});
