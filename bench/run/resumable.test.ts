import { expect, it } from 'vitest';
import { readJournal } from '../../core/results/journal.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { JournalLine } from '../../core/results/schema.ts';
import { armInfo } from '../testing/arm-info.ts';
import { testHeader, testSlice } from '../testing/slices.ts';
import { Recording } from './recording.ts';
import { resumeFaults } from './resumable.ts';

const ARMS = [armInfo('none', { baseline: true }), armInfo('jwt-hs256')];

function faults(
  config: Partial<RunConfig>,
  lines: readonly JournalLine[] = [],
  runId = '2026-01-31T12-00-00Z',
): string {
  const asked = { ...testHeader.config, experiments: ['toll'], arms: ['none', 'jwt-hs256'], ...config };
  const text = [{ ...testHeader, runId, config: asked }, ...lines].map((line) => JSON.stringify(line)).join('\n');
  return resumeFaults(readJournal(text), ARMS).join('\n');
}

it('resumes a run whose plan a command line could have requested', () => {
  expect(faults({})).toBe('');
  expect(faults({ replicas: [1, 64], storeSizes: [1e7], budgetSeconds: 86_400, seed: 2 ** 31 - 1 })).toBe('');
  expect(faults({}, [testSlice({ experiment: 'toll', arm: 'none', fork: 3 })])).toBe('');
});

it.each([
  [{ replicas: [1e9] }, 'replicas 1000000000 is above 64'],
  [{ replicas: Array.from({ length: 65 }, () => 1) }, 'replicas has more than 64 values'],
  [{ storeSizes: [1e12] }, 'storeSizes 1000000000000 is above 10000000'],
  [{ plantedIterations: 1e9 }, 'plantedIterations 1000000000 is above 1000000'],
  [{ budgetSeconds: 1e9 }, 'budgetSeconds 1000000000 is above 86400'],
  [{ seed: 2 ** 53 }, 'seed 9007199254740992 is above 2147483647'],
  [{ argon2: { memoryKiB: 2 ** 31, passes: 1, cheap: true } }, 'argon2.memoryKiB 2147483648 is above 65536'],
  [{ argon2: { memoryKiB: 64, passes: 1e6, cheap: true } }, 'argon2.passes 1000000 is above 10'],
  [{ argon2: { memoryKiB: -1, passes: 1, cheap: true } }, 'argon2 is below the minimum'],
  [{ experiments: [] }, 'it selects no experiment'],
  [{ experiments: ['toll', 'toll'] }, 'it selects an experiment twice'],
  [{ experiments: ['tol'] }, 'there is no experiment "tol"'],
  [{ arms: ['nobody'] }, 'there is no arm "nobody"'],
] as [Partial<RunConfig>, string][])('refuses %j', (config, fault) => {
  expect(faults(config)).toContain(fault);
});

it('refuses a journal that contradicts its own plan', () => {
  const slice = (more: Partial<Parameters<typeof testSlice>[0]>) =>
    testSlice({ experiment: 'toll', arm: 'none', ...more });
  expect(faults({}, [slice({ experiment: 'scale' })])).toContain('measurements of "scale", which was not selected');
  expect(faults({}, [slice({ arm: 'session-redis' })])).toContain(
    'the arm "session-redis", which it did not start with',
  );
  expect(faults({}, [slice({ fork: 2 ** 53 })])).toContain('fork 9007199254740992 is above 100000');
  expect(faults({}, [slice({ factors: { replicas: 1e8 } })])).toContain('replicas 100000000 is above 64');
  expect(faults({}, [], 'x*')).toContain('the run id');
  const late = [slice({}), testHeader].map((line) => JSON.stringify(line)).join('\n');
  expect(resumeFaults(readJournal(late), ARMS).join()).toContain('its first line');
});

it('reports all faults at once, but not every line of a hostile file', () => {
  const lines = Array.from({ length: 1_000 }, (_, i) => testSlice({ experiment: 'toll', arm: `x${i}` }));
  const found = faults({ seed: 2 ** 40, replicas: [100] }, lines).split('\n');
  expect(found).toContain('replicas 100 is above 64');
  expect(found.length).toBeGreaterThan(5);
  expect(found.length).toBeLessThan(15);
});

it('resumes a run with very many slices', () => {
  const slice = testSlice({ experiment: 'toll', arm: 'none', fork: 4 });
  const recording = new Recording('toll', Array<JournalLine>(300_000).fill(slice), () => {});
  expect(recording.nextFork).toBe(5);
});
