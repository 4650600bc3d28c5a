import { expect, it } from 'vitest';
import { DelayLine } from './line.ts';

function lineAt<T = string>() {
  let now = 0;
  const out: [number, T][] = [];
  const line = new DelayLine<T>(
    () => now,
    (what) => out.push([now, what]),
  );
  const tickUntil = (end: number) => {
    for (; now < end; now++) line.tick();
  };
  const tickAt = (at: number) => {
    now = at;
    line.tick();
  };
  return { line, out, tickUntil, tickAt };
}

it('delays each item by exactly its delay', () => {
  const { line, out, tickUntil } = lineAt();
  line.delayMicros = 100;
  line.put('a');
  tickUntil(30);
  line.put('b');
  expect(line.waiting).toBe(true);
  tickUntil(500);
  expect(out).toEqual([
    [100, 'a'],
    [130, 'b'],
  ]);
  expect(line.waiting).toBe(false);
});

it('passes items at once without a delay, but never before earlier ones', () => {
  const { line, out, tickUntil } = lineAt();
  line.put('now');
  expect(out).toEqual([[0, 'now']]);
  line.delayMicros = 50;
  line.put('slow');
  line.delayMicros = 0;
  line.put('behind it');
  tickUntil(60);
  expect(out.map(([, what]) => what)).toEqual(['now', 'slow', 'behind it']);
  expect(out.at(-1)?.[0]).toBe(50);
});

it('keeps the order of many, and reports how late it was', () => {
  const { line, out, tickAt } = lineAt<number>();
  line.delayMicros = 10;
  for (let i = 0; i < 5_000; i++) line.put(i);
  tickAt(25);
  expect(out.map(([, what]) => what)).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
  expect(line.takeLateness()).toEqual({ delayed: 5_000, totalMicros: 75_000, maxMicros: 15 });
  expect(line.takeLateness()).toEqual({ delayed: 0, totalMicros: 0, maxMicros: 0 });
});

it('delays uncounted items like the others, without reporting their lateness', () => {
  const { line, out, tickAt } = lineAt();
  line.delayMicros = 10;
  line.put('reply');
  line.put('end', false);
  tickAt(14);
  expect(out.map(([, what]) => what)).toEqual(['reply', 'end']);
  expect(line.takeLateness()).toEqual({ delayed: 1, totalMicros: 4, maxMicros: 4 });
});
