import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

it('suggests a similar name, and lists all names if there is none', () => {
  expect(nearest('jwt-hs265', ['jwt-hs256', 'none'])).toBe('did you mean jwt-hs256?');
  expect(nearest('zebra', ['jwt-hs256', 'none'])).toBe('choose from jwt-hs256, none');
  expect(nearest('zebra', [])).toBe('');
});

it('shows the nearest of a long list, and where it is', () => {
  const known = ['cpu_toll_us', 'latency_us', 'response_bytes', 'redis_commands'];
  expect(nearest('bytes', known, 'the list')).toBe(
    'the nearest are latency_us, cpu_toll_us, response_bytes; the list lists all 4',
  );
  expect(nearest('latency_ms', known, 'the list')).toBe('did you mean latency_us?');
});

it('compares names of any length in a moment', () => {
  expect(nearest('x'.repeat(200_000), ['none', 'all'])).toBe('choose from none, all');
});
