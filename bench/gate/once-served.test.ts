import { expect, it } from 'vitest';
import { onceServed, withPatience } from './once-served.ts';

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

it('shares the time of a check among its requests, so that a lasting 503 cannot use it up', async () => {
  const [down, next, late] = [server(503), server(503), server(503, 503, 200)];
  await withPatience(60, async () => {
    expect(await onceServed(down.ask)).toEqual({ status: 503 });
    expect(down.asked()).toBeGreaterThan(1);
    expect(await onceServed(next.ask)).toEqual({ status: 503 });
    expect(next.asked()).toBe(1);
  });
  expect(await onceServed(late.ask)).toEqual({ status: 200 });
});

it('counts requests that wait at the same time once', async () => {
  const late = Array.from({ length: 50 }, () => server(503, 503, 200));
  const answers = await withPatience(1_500, () => Promise.all(late.map(({ ask }) => onceServed(ask))));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
});
