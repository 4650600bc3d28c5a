import { expect, test } from 'vitest';
import { refuseUnread } from './concerns.ts';

const refused = (values: Record<string, string>, ...experiments: string[]) => {
  const faults: string[] = [];
  refuseUnread(values, experiments, faults);
  return faults;
};

test('an objective or a number of replicas that no experiment reads is refused', () => {
  expect(refused({ slo: 'p99<50ms' }, 'toll', 'latency')).toEqual([
    '--slo only affects capacity: add --experiments capacity',
  ]);
  expect(refused({ replicas: '2' }, 'toll')).toEqual([
    '--replicas only affects scale and capacity: add --experiments capacity',
  ]);
  expect(refused({ slo: 'p99<50ms', replicas: '2' }, 'capacity')).toEqual([]);
  expect(refused({ replicas: '2' }, 'scale')).toEqual([]);
  expect(refused({}, 'toll')).toEqual([]);
});
