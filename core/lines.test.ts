import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { linesOfFile, linesOfStream } from './lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-lines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LONG = 'ü'.repeat(900_000);
const TEXT = `first\n\n${LONG}\nlast, without an end`;

it('reads the lines of a file, even if they are longer than a chunk', () => {
  const path = join(folder, 'lines.txt');
  writeFileSync(path, TEXT);
  expect(Array.from(linesOfFile(path), (line) => line.toString() === LONG || line.toString())).toEqual([
    'first',
    '',
    true,
    'last, without an end',
  ]);
  const later = Array.from(linesOfFile(path, 'first\n\n'.length), (line) => line.length);
  expect(later).toEqual([2 * LONG.length, 'last, without an end'.length]);
  writeFileSync(path, '');
  expect([...linesOfFile(path)]).toEqual([]);
  expect(() => [...linesOfFile(join(folder, 'none'))]).toThrow(/ENOENT/);
});

it('reads the lines of a stream, wherever its chunks end', async () => {
  const bytes = Buffer.from(TEXT);
  async function* pieces(size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  for (const size of [61, 100_000, bytes.length]) {
    const lines: string[] = [];
    for await (const line of linesOfStream(pieces(size))) lines.push(line.toString());
    expect(lines.join('\n') === TEXT).toBe(true);
    const later: string[] = [];
    for await (const line of linesOfStream(pieces(size), 1 + LONG.length)) later.push(line.toString());
    expect(later.join('\n') === bytes.subarray(1 + LONG.length).toString()).toBe(true);
  }
});
