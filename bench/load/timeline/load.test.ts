import { expect, it } from 'vitest';
import { ConnectionError } from '../connection/connection.ts';
import type { Response } from '../connection/response.ts';
import { type TimelineLink, TimelineLoad } from './load.ts';
import { OUTCOMES, type TimelineOptions } from './protocol.ts';

const options: TimelineOptions = {
  streams: [{ key: 'a', ratePerSecond: 100, requests: [{ host: 'h', port: 1, wire: 'GET', expectBody: 'me' }] }],
  timeoutMs: 50,
  longestMs: 10_000,
};

const answer = (status: number, body = 'me'): Response => ({
  status,
  head: '',
  body: Buffer.from(body),
  bytes: 1,
  closes: false,
});

interface Opened {
  count: number;
}

/** A load on a simulated clock; `respond` answers its requests. */
function loadWith(respond: () => Promise<Response>, opened: Opened = { count: 0 }) {
  const clock = { ms: 0 };
  const link: TimelineLink = { closed: false, request: respond, close: () => {} };
  const open = async () => {
    opened.count++;
    return link;
  };
  return { clock, load: new TimelineLoad({ options, nowMs: () => clock.ms, open }) };
}

const outcomes = async (load: TimelineLoad) => {
  const [record] = await load.finish(() => Promise.resolve());
  return record?.outcome.map((index) => OUTCOMES[index] ?? null);
};

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('sends what is due, late or not, at even intervals from the start', async () => {
  const { clock, load } = loadWith(async () => answer(200));
  load.tick();
  clock.ms = 35;
  load.tick();
  await settled();
  const [record] = await load.finish(() => Promise.resolve());
  expect(record?.dueMs).toEqual([0, 10, 20, 30]);
  expect(record?.waitMs.slice(1)).toEqual([25, 15, 5]);
});

it('classifies outcomes as a client would', async () => {
  const answers = [answer(200), answer(200, 'somebody else'), answer(401), answer(403), answer(503), answer(500)];
  const { clock, load } = loadWith(async () => answers.shift() ?? answer(200));
  for (clock.ms = 0; clock.ms <= 50; clock.ms += 10) {
    load.tick();
    await settled();
  }
  expect(await outcomes(load)).toEqual(['accepted', 'other', 'refused', 'forbidden', 'unavailable', 'other']);
});

it('judges the responses of a service by its own statuses, and records them', async () => {
  const judge = { accepts: [200, 204], holds: '"alice"' };
  const clock = { ms: 0 };
  const answers = [
    [200, '{"name":"alice"}'],
    [200, '{"name":null}'],
    [302, ''],
    [403, ''],
    [500, ''],
  ] as const;
  const left = answers.map(([status, body]) => answer(status, body));
  const link: TimelineLink = { closed: false, request: async () => left.shift() ?? answer(503), close: () => {} };
  const requests = [{ host: 'h', port: 1, wire: 'GET', judge }];
  const own = { ...options, streams: [{ key: 'a', ratePerSecond: 100, requests }] };
  const load = new TimelineLoad({ options: own, nowMs: () => clock.ms, open: async () => link });
  for (clock.ms = 0; clock.ms <= 40; clock.ms += 10) {
    load.tick();
    await settled();
  }
  const [record] = await load.finish(() => Promise.resolve());
  expect(record?.outcome.map((index) => OUTCOMES[index])).toEqual([
    'accepted',
    'refused',
    'refused',
    'forbidden',
    'unavailable',
  ]);
  expect(record?.status).toEqual(answers.map(([status]) => status));
});

it('classifies a lost connection as an error, and a request that is given up as timed out', async () => {
  const { clock, load } = loadWith(async () => {
    throw new ConnectionError('lost');
  });
  load.tick();
  await settled();
  const late = loadWith(async () => {
    late.clock.ms = 50;
    throw new ConnectionError('no answer within 50 ms');
  });
  late.load.tick();
  await settled();
  expect(clock.ms).toBe(0);
  expect(await outcomes(load)).toEqual(['error']);
  expect(await outcomes(late.load)).toEqual(['timedOut']);
});

it('reuses an idle connection, and opens another while all are busy', async () => {
  const opened = { count: 0 };
  const { clock, load } = loadWith(async () => answer(200), opened);
  load.tick();
  await settled();
  clock.ms = 10;
  load.tick();
  await settled();
  expect(opened.count).toBe(1);
  clock.ms = 30;
  load.tick();
  expect(opened.count).toBe(2);
});

it('reports requests that never ended, instead of waiting forever', async () => {
  const { load } = loadWith(() => new Promise(() => {}));
  load.tick();
  await settled();
  expect(await outcomes(load)).toEqual([null]);
});

it('ends by itself if nobody ends it', async () => {
  const { clock, load } = loadWith(async () => answer(200));
  clock.ms = 10_001;
  load.tick();
  expect(await outcomes(load)).toEqual([]);
});
