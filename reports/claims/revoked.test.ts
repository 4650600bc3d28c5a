import { expect, test } from 'vitest';
import { THIN } from '../../core/text/format.ts';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { endText } from './revoked.ts';

const MINUTE_MS = 60_000;
const declares = sampleRun().arms.find(({ name }) => name === 'jwt-hs256')?.declares;
if (!declares) throw new Error('the sample declares nothing of its token');
const endOf = (lagMs: number, lifetimeMs: number | null) =>
  endText(figure('jwt-hs256', 'revocation_lag_ms', lagMs), { declares: { ...declares, lifetimeMs } });

test('a token that was seen to end in its lifetime has both times', () => {
  expect(endOf(14 * MINUTE_MS, 15 * MINUTE_MS)).toBe(
    `stays valid until it expires: up to 14${THIN}min in this run, 15${THIN}min at most`,
  );
});

test.each([15 * MINUTE_MS, null])(
  'a lifetime of %s is no upper bound of a token that lived for longer',
  (lifetimeMs) => {
    expect(endOf(16 * MINUTE_MS, lifetimeMs)).toBe(`stays valid until it expires: up to 16${THIN}min in this run`);
  },
);
