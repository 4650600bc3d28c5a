import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { AaResult } from '../../regression/aa/aa.ts';
import { startBench } from '../support/bench-process.ts';
import { makeClone } from '../support/clone.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-aa-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('detects a server that costs twice as much, and estimates the ratio correctly', async () => {
  const args = [
    'aa',
    '--comparisons',
    '1',
    '--seconds',
    '2s',
    '--slowdowns',
    '100',
    '--arm',
    'none',
    '--json',
    '--seed',
    '3',
  ];
  const { code, stdout } = await startBench(args, {}, root).ended;
  expect(code).toBe(0);
  const result = JSON.parse(stdout) as AaResult;
  expect(result.falseAlarms?.trials).toBe(1);
  const [detection] = result.detections;
  expect(detection?.trials).toBe(1);
  // A wide margin because the machine may be busy with other tests. The command itself shows that +5 % is detected.
  expect(detection?.ratios[0]?.value).toBeGreaterThan(1.3);
  expect(detection?.ratios[0]?.value).toBeLessThan(3);
});

it('does not measure an arm that fails a security check', async () => {
  const clone = makeClone();
  try {
    const signature = 'if (!signer.matches(token.slice(0, end), token.slice(end + 1))) return null;';
    clone.patch('servers/schemes/own-token.ts', signature, '');
    const { code, stderr } = await startBench(['aa', '--arm', 'jwt-hs256-lean'], {}, clone.directory, clone.cli).ended;
    expect(stderr).toMatch(/jwt-hs256-lean fails security check 5 \(refuses an altered payload\)/);
    expect(code).toBe(1);
  } finally {
    clone.remove();
  }
});

it('reports all invalid flags', async () => {
  const { code, stderr } = await startBench(
    ['aa', '--comparisons', '0', '--slowdowns', '5,x', '--arm', 'nnoe'],
    {},
    root,
  ).ended;
  expect(code).toBe(2);
  expect(stderr).toMatch(/--comparisons[\s\S]*--slowdowns[\s\S]*did you mean none\?/);
});
