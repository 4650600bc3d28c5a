import { expect, it } from 'vitest';
import { boxesOf, colourOf, type FlameNode, flameSvg } from './flame.ts';

const node = (name: string, baseUs: number, headUs: number, children: readonly FlameNode[] = []): FlameNode => ({
  ...{ name, file: 'servers/<x>.ts', baseUs, headUs, children },
});
const ROOT = node('an arm', 50, 60, [
  node('"><script>alert(1)</script>', 30, 42, [node('deep & dark', 10, 22)]),
  node('same', 20, 18),
]);

it('is as wide as the time in the head, each call within its caller', () => {
  const boxes = boxesOf(ROOT, 600);
  const of = (name: string) => boxes.find((box) => box.node.name === name);
  expect(of('an arm')).toMatchObject({ x: 0, x2: 600, depth: 0 });
  expect(of('same')).toMatchObject({ x: 420, x2: 600, depth: 1 });
  expect(of('deep & dark')).toMatchObject({ x: 0, x2: 220, depth: 2 });
  expect(boxesOf(node('gone', 5, 0), 600)).toEqual([]);
});

it('is coloured by the change as a share of the request, but not below half a percent', () => {
  const colours = [0.004, 0.006, 0.02, 0.05].map((share) => colourOf({ baseUs: 1, headUs: 1 + share }, 1));
  expect(new Set(colours).size).toBe(4);
  expect(colourOf({ baseUs: 1, headUs: 1.004 }, 1)).toBe(colourOf({ baseUs: 1, headUs: 0.996 }, 1));
  expect(colourOf({ baseUs: 1, headUs: 0.9 }, 1)).not.toBe(colourOf({ baseUs: 1, headUs: 1.1 }, 1));
});

it('is a separate file without scripts, escapes names, and is dark if the reader’s system is', async () => {
  const svg = await flameSvg(ROOT, 'CPU time');
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(svg).not.toMatch(/<script|javascript:|onload=|href=/i);
  expect(svg).toContain(
    '<title>deep &amp; dark, servers/&lt;x&gt;.ts: 10.00 µs in base, 22.00 µs in head (+12.00 µs)</title>',
  );
  expect(svg).toContain('@media (prefers-color-scheme:dark)');
  expect(svg).not.toContain('data-tip');
});
