import { expect, it } from 'vitest';
import { engineFaults, readEngine } from './engine.ts';

it('accepts wrk, and suggests it for any other name', () => {
  const faults: string[] = [];
  expect(readEngine({ engine: 'wrk' }, faults)).toEqual({ engine: 'wrk' });
  expect(readEngine({}, faults)).toEqual({});
  expect(faults).toEqual([]);
  expect(readEngine({ engine: 'ab' }, faults)).toEqual({});
  expect(faults).toEqual([expect.stringMatching(/--engine.*"ab".*wrk/)]);
});

it('is refused if scale is not measured, or the load comes from elsewhere', () => {
  const wrk = { engine: 'wrk', experiments: ['scale'] } as const;
  const faults = (experiments: string[], values = {}) =>
    engineFaults({ engine: 'wrk', experiments }, values).join('\n');
  expect(faults(['scale', 'toll'])).toBe('');
  expect(faults(['toll'])).toContain('add it to --experiments');
  expect(faults([...wrk.experiments], { hosts: 'hosts.json' })).toContain('--hosts');
  expect(faults([...wrk.experiments], { fleet: 'compose' })).toContain('--fleet');
  expect(engineFaults({ experiments: ['toll'] }, { hosts: 'hosts.json' })).toEqual([]);
});
