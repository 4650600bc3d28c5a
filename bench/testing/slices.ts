/** Slices and contexts for tests of the analyses. */

import { controlNameOf } from '../../core/results/arms.ts';
import type { Header, Slice } from '../../core/results/schema.ts';
import { armSummary } from '../../core/results/testing/arm-summary.ts';
import type { AnalysisContext } from '../measuring/experiment.ts';

export const testHeader: Header = {
  kind: 'run',
  schemaVersion: 1,
  runId: 'test',
  startedAt: '2026-01-01T00:00:00.000Z',
  commandLine: 'npm run bench',
  config: {
    profile: 'quick',
    experiments: ['toll', 'scale', 'latency', 'hot-path'],
    arms: null,
    replicas: null,
    budgetSeconds: null,
    seed: 1,
    aa: false,
    argon2: { memoryKiB: 64, passes: 1, cheap: true },
  },
  environment: {
    cpuModel: 'test',
    cores: 2,
    memoryBytes: 1,
    platform: 'test',
    kernel: 'test',
    node: 'v26.0.0',
    v8: '1',
    redis: 'Redis 7.0.0',
    packages: {},
    gitCommit: null,
    gitDirty: null,
    cpuShares: 'none',
  },
  arms: [
    armSummary('none', { title: 'No authentication', role: 'baseline', family: 'none' }),
    armSummary('jwt-hs256', { title: 'JWT', family: 'token' }),
  ],
};

export const testContext: AnalysisContext = {
  config: testHeader.config,
  environment: testHeader.environment,
  arms: [
    ...testHeader.arms,
    armSummary(controlNameOf('none'), { role: 'control', family: 'none' }),
    ...['session-redis', 'session-redis-lean', 'jwt-hs256-lean', 'jwt-rs256', 'jwt-denylist'].map((name) =>
      armSummary(name),
    ),
  ],
  baseline: 'none',
  earlier: [],
};

/** A slice of 100 requests in 100 ms, with the given fields. */
export function testSlice(over: Partial<Slice> & Pick<Slice, 'experiment' | 'arm'>): Slice {
  return {
    kind: 'slice',
    fork: 0,
    block: 0,
    order: 0,
    factors: {},
    mode: 'paired',
    durationMs: 100,
    requests: 100,
    unexpected: 0,
    failed: 0,
    statuses: { 200: 100 },
    measures: {},
    flags: [],
    ...over,
  };
}
