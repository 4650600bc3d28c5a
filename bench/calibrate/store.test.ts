import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Calibration, readCalibration, writeCalibration } from './store.ts';
import { calibrationText } from './table.ts';

const machine = { cpuModel: 'Testium', cores: 2, kernel: 'Linux 1', node: 'v26.0.0' };
const row = {
  server: 's',
  driver: 'open loop',
  judged: true,
  quantity: 'p99',
  unit: 'µs',
  truth: 1000,
  measured: 1500,
  error: 500,
  allowed: 100,
  ok: false,
  disturbed: false,
};
const calibration: Calibration = {
  schemaVersion: 2,
  at: '2026-01-01T00:00:00.000Z',
  version: '1.0.0',
  machine,
  verdict: 'passed',
  rounds: 3,
  disturbedRounds: 0,
  loopbackMicros: 60,
  notes: [],
  rows: [{ ...row, ok: true }],
};
const here = { machine, version: '1.0.0', nowMs: Date.parse('2026-01-15T00:00:00Z') };
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'calibration-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('the last calibration', () => {
  it('is missing at first', async () => {
    expect(await readCalibration(directory, here)).toMatchObject({ status: 'missing', flag: 'calibration-missing' });
  });

  it('is fresh on the same machine within thirty days', async () => {
    await writeCalibration(join(directory, 'new'), calibration);
    expect(await readCalibration(join(directory, 'new'), here)).toMatchObject({
      status: 'fresh',
      flag: null,
      calibration,
    });
    expect(await readdir(join(directory, 'new'))).toEqual(['calibration.json']);
  });

  it.each([
    ['after thirty days', { nowMs: Date.parse('2026-02-01T00:00:00Z') }],
    ['on another machine', { machine: { ...machine, cores: 4 } }],
    ['within a CPU quota', { machine: { ...machine, usable: 0.5 } }],
    ['under another Node', { machine: { ...machine, node: 'v27.0.0' } }],
    ['for another version', { version: '1.1.0' }],
    ['when it comes from the future', { nowMs: Date.parse('2025-01-01T00:00:00Z') }],
  ])('is stale %s', async (_, change) => {
    await writeCalibration(directory, calibration);
    expect(await readCalibration(directory, { ...here, ...change })).toMatchObject({
      status: 'stale',
      flag: 'calibration-missing',
    });
  });

  it('reports a failed calibration', async () => {
    await writeCalibration(directory, { ...calibration, verdict: 'failed', rows: [row, row] });
    expect(await readCalibration(directory, here)).toMatchObject({
      status: 'failed',
      flag: 'calibration-failed',
      reason: 'it missed 2 of its targets',
    });
  });

  it.each(['', '{', '{"schemaVersion": 2}', 'null'])('counts as missing if the file contains %j', async (text) => {
    await writeFile(join(directory, 'calibration.json'), text);
    expect(await readCalibration(directory, here)).toMatchObject({ status: 'missing', calibration: null });
  });
});

describe('the table', () => {
  it('shows each miss, its size, and disturbances by the machine', () => {
    const text = calibrationText({ ...calibration, verdict: 'failed', rows: [row], disturbedRounds: 2 });
    expect(text).toMatch(/^s +open loop +p99 +1,000 +1,500 +\+500 +100 +µs +MISSED$/m);
    expect(text).toContain('FAILED: 1 targets missed');
    expect(text).toContain('a stall of 10 ms');
    expect(text).toContain('60 µs');
  });
});
