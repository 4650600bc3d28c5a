import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FINDINGS, type Finding, sideOf } from './finding.ts';
import { readMeasured } from './measured.ts';
import { agreement, publishedPage } from './page.ts';
import { PUBLISHED } from './registry.ts';
import { REPLAYS } from './replays/registry.ts';

const ROOT = join(import.meta.dirname, '..');
const found = (value: number, low: number, high: number): Finding => ({
  name: 'session-over-token-50',
  value,
  low,
  high,
  blocks: 12,
  forks: 4,
});

describe('whether a source and a replay agree', () => {
  const ratio = (value: number) => ({ what: 'x', value, unit: '×' }) as const;

  it('depends on the side of 1, and is open if the interval contains it', () => {
    expect(sideOf({ low: 1.01, high: 2 })).toBe('above');
    expect(sideOf({ low: 1, high: 2 })).toBe('open');
    expect(sideOf({ low: 0.5, high: 0.99 })).toBe('below');
    expect(agreement(ratio(4), found(2, 1.5, 2.5))).toBe('same');
    expect(agreement(ratio(4), found(0.7, 0.6, 0.8))).toBe('other');
    expect(agreement(ratio(0.8), found(0.7, 0.6, 0.8))).toBe('same');
    expect(agreement(ratio(0.8), found(0.9, 0.7, 1.1))).toBe('open');
  });

  it('is not determined for absolute figures', () => {
    expect(agreement({ what: 'x', value: 4, unit: 'ms' }, found(2, 1.5, 2.5))).toBeNull();
  });
});

describe('docs/published.md', () => {
  const page = readFileSync(join(ROOT, 'docs/published.md'), 'utf8');
  const measured = readMeasured(ROOT);

  it('has a section for each benchmark, with its source and lesson', () => {
    const [benchmarks = ''] = page.split('## The replays');
    expect([...benchmarks.matchAll(/^### (.+)$/gm)].map(([, name]) => name)).toEqual(PUBLISHED.map(({ name }) => name));
    for (const { address, lesson } of PUBLISHED) {
      expect(page).toContain(`](${address})`);
      expect(page).toContain(lesson);
    }
  });

  it('shows every figure of the replays, all from one run', () => {
    expect(measured.findings.map(({ name }) => name).toSorted()).toEqual(Object.keys(FINDINGS).toSorted());
    for (const { name } of measured.findings) expect(page).toContain(FINDINGS[name].what);
    for (const { low, value, high } of measured.findings) {
      expect(low).toBeLessThanOrEqual(value);
      expect(value).toBeLessThanOrEqual(high);
    }
  });

  it('shows a dash for a figure that was not measured, and nothing of it elsewhere', () => {
    const partial = publishedPage(PUBLISHED, Object.values(REPLAYS), { ...measured, findings: [] });
    expect(partial).toContain('| session over token | 4.19× | – | – |');
  });
});
