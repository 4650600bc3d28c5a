import { expect, it } from 'vitest';
import { onceServed } from './once-served.ts';

/** A server that answers with these, and with the last one from then on. */
function server(...statuses: number[]) {
  let asked = 0;
  return {
    ask: async () => ({ status: statuses[Math.min(asked++, statuses.length - 1)] ?? 0 }),
    asked: () => asked,
  };
}

it('repeats the request while the store is late', async () => {
  const late = server(503, 503, 200);
  expect(await onceServed(late.ask)).toEqual({ status: 200 });
  expect(late.asked()).toBe(3);
});

it('accepts every other response, and does not repeat the request', async () => {
  for (const status of [200, 204, 401, 403, 500]) {
    const says = server(status, 200);
    expect(await onceServed(says.ask)).toEqual({ status });
    expect(says.asked()).toBe(1);
  }
});

it('gives up if the store stays unavailable', async () => {
  const down = server(503);
  expect(await onceServed(down.ask, 50)).toEqual({ status: 503 });
  expect(down.asked()).toBeGreaterThan(1);
});
