import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRun } from '../../core/results/run-file.ts';
import { startBench } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-capacity-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('capacity', () => {
  it('answers for an objective that load misses and for one that none meets, in one file of figures each', async () => {
    const measured = async (name: string, slo: string, budget: string) => {
      const directory = join(root, name);
      const args = ['capacity', '--arm', 'none', '--slo', slo, '--budget', budget, '--seed', '7', '--out', directory];
      const { code, stdout, stderr } = await startBench(args, {}, root).ended;
      expect(stderr).not.toContain('failed');
      expect(code).toBe(0);
      const { figures } = readRun(directory);
      const of = (metric: string) => figures.find((figure) => figure.metric === metric)?.value;
      return { of, stdout };
    };
    // Beyond what it can answer, requests wait for longer than that on any machine.
    const [broken, hopeless] = [
      await measured('broken', 'p50<100ms', '10s'),
      await measured('hopeless', 'p50<1us', '5s'),
    ];
    const [peak = 0, saturated = 0] = [broken.of('peak_rps'), broken.of('throughput_rps')];
    expect(peak).toBeGreaterThan(0);
    // The search ends at eight times what a closed loop gets.
    expect(peak).toBeLessThanOrEqual(8 * saturated);
    expect(broken.of('recovered_pct')).toBe(100);
    expect(broken.of('recommended_rps')).toBeCloseTo(0.8 * peak, 6);
    expect(broken.stdout).toContain('Load in req/s with p50 below 100 ms');
    expect(broken.stdout).toContain('what broke first was');
    expect(hopeless.of('peak_rps')).toBeUndefined();
    expect(hopeless.of('objective_met_pct')).toBe(0);
    expect(hopeless.stdout).toContain('no load meets this objective');
  });

  it('refuses an objective that contradicts itself before it starts anything', async () => {
    const { code, stderr } = await startBench(['capacity', '--slo', 'p50<9ms,p99<5ms'], {}, root).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('p99 < 5 ms contradicts p50 < 9 ms');
  });
});
