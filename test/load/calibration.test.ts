/** How many requests the generators count at servers with known behaviour. */
import { describe, expect, it } from 'vitest';
import { calibrate } from '../../bench/calibrate/calibrate.ts';
import { openDriver } from '../../bench/calibrate/drivers/open.ts';
import { kindNamed } from '../../bench/calibrate/kinds/registry.ts';
import { brief, quantity, rowsOf } from '../support/calibration.ts';

describe('the calibration', () => {
  it.each([
    ['constant-5ms', { answered: 200, errors: 0, 'timed out': 0 }],
    ['bimodal', { answered: 200, errors: 0, 'timed out': 0 }],
    ['errors', { answered: 200, errors: 2, 'timed out': 0 }],
    ['closing', { answered: 200, errors: 0, 'timed out': 0 }],
    ['silent', { answered: 198, errors: 0, 'timed out': 2 }],
  ])('finds the counts of %s exact', async (name, counts) => {
    const rows = await rowsOf(brief(name), openDriver);
    for (const [name, count] of Object.entries(counts)) {
      expect(quantity(rows, name)).toMatchObject({ truth: count, measured: count, ok: true });
    }
    expect(quantity(rows, 'asked rate').truth).toBe(200);
  });

  it('ends when it is aborted', async () => {
    const abort = new AbortController();
    const options = {
      kinds: [kindNamed('constant-1ms')],
      drivers: [openDriver],
      rounds: 9,
      warmsUp: false,
      repeats: 0,
      budgetSeconds: 0,
      signal: abort.signal,
    };
    const running = calibrate({ ...options, onProgress: () => setImmediate(() => abort.abort(new Error('enough'))) });
    await expect(running).rejects.toThrow('enough');
  });
});
