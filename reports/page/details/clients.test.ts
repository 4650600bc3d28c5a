import { expect, test } from 'vitest';
import { figure } from '../../testing/figure.ts';
import { viewOf } from '../../testing/output.ts';
import { clientDetails } from './clients.ts';

const PLAIN = 'session-redis';
const OTHER = 'jwt-hs256';
const at = (in_flight: number, more = {}) => ({ factors: { in_flight, ...more } });

test('each way to ask Redis is listed at each load, with its ratio to the plain one', () => {
  const figures = [50, 1].flatMap((load) => [
    figure(PLAIN, 'redis_cpu_us_per_request', load === 1 ? 21 : 4, at(load)),
    figure(OTHER, 'redis_cpu_us_per_request', load === 1 ? 22 : 25, at(load)),
    figure(OTHER, 'client_redis_cpu_ratio', load === 1 ? 1.1 : 6.2, at(load, { against: PLAIN })),
  ]);
  const rows = (clientDetails(viewOf(figures))?.markup ?? '')
    .split('<tr>')
    .slice(2)
    .map((row) => row.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' '));
  expect(rows).toHaveLength(4);
  expect(rows.find((row) => row.includes(OTHER) && row.includes(' 50 '))).toMatch(/25.*6\.2/);
  expect(rows.find((row) => row.includes(PLAIN) && row.includes(' 1 '))).toMatch(/21.*—/);
});

test('there is no table if only one way was measured', () => {
  expect(clientDetails(viewOf([figure(PLAIN, 'redis_cpu_us_per_request', 21, at(1))]))).toBeNull();
});
