import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { ConnectionError } from '../connection/connection.ts';
import { OpenLoop } from './open.ts';
import { createSchedule } from './schedule.ts';
import { type OpenOptions, openFaults } from './schema.ts';
import { mergeOpenResults } from './tally.ts';
import { World } from './testing/world.ts';

const OPTIONS: OpenOptions = {
  targets: [{ host: 'fake', port: 1 }],
  requests: [{ target: 0, wire: 'a', expectStatus: 200 }],
  ratePerSecond: 100,
  durationMs: 1000,
  warmupMs: 0,
  arrivals: 'uniform',
  seed: 1,
  timeoutMs: 2000,
  connections: 4,
  maxConnections: 4,
};

/** @param late periods in which the generator itself does nothing: from, until in ms */
async function simulate(world: World, changes: Partial<OpenOptions> = {}, late: readonly [number, number] = [-1, -1]) {
  const options = { ...OPTIONS, ...changes };
  expect(openFaults(options)).toEqual([]);
  const totalMs = options.warmupMs + options.durationMs;
  const loop = new OpenLoop({
    options,
    nextArrival: createSchedule({ ...options, totalMs, random: createRandom(1), shard: 0, shards: 1 }),
    nowMicros: () => world.now,
    open: (target) => world.open(target),
    share: 1,
  });
  await loop.connect();
  loop.start(0);
  for (let micros = 0; ; micros += 50) {
    const asleep = micros / 1000 > late[0] && micros / 1000 < late[1];
    world.advanceTo(micros);
    if (!asleep && loop.tick()) break;
    await Promise.resolve(); // lets connections that were opened arrive
    await Promise.resolve();
    if (micros > 60e6) throw new Error('the loop does not end');
  }
  loop.close();
  await Promise.resolve();
  await Promise.resolve(); // lets those arrive that were still being opened
  const result = loop.result();
  expect(result.scheduled).toBe(result.answered + result.failed + result.timedOut + result.unanswered);
  expect(result.scheduled).toBe(result.sent + result.neverSent);
  const corrected = LatencyHistogram.decode(result.corrected);
  const service = LatencyHistogram.decode(result.service);
  expect(corrected.count).toBe(result.answered + result.timedOut + result.unanswered);
  expect(service.count).toBe(result.answered);
  expect(world.links.every((link) => link.closed)).toBe(true);
  return { result, corrected, service };
}

/** Values of a histogram are kept to 0.1 %. */
const within = (micros: number, expected: number) => Math.abs(micros - expected) <= 1 + expected * 0.001;

describe('the open loop', () => {
  it('sends on schedule and measures a steady server exactly', async () => {
    const world = new World(() => ({ afterMs: 5 }));
    const { result, corrected, service } = await simulate(world);
    expect(world.sends.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 100 }, (_, i) => i * 10));
    expect(result).toMatchObject({ scheduled: 100, answered: 100, sentInTime: 100, achievedRate: 100, askedRate: 100 });
    expect(result).toMatchObject({ statuses: { 200: 100 }, errors: {}, requestBytes: 100, responseBytes: 1200 });
    expect(result.generatorLate.count + result.connectionWait.count).toBe(0);
    for (const histogram of [corrected, service]) {
      for (const percentile of [0, 50, 100]) expect(within(histogram.percentile(percentile), 5000)).toBe(true);
    }
    expect(within(LatencyHistogram.decode(result.sendGap).percentile(50), 10_000)).toBe(true);
  });

  it('charges a stall to every request that would have waited, unlike the service time', async () => {
    // The server answers nothing between 200 and 500 ms; there is one connection.
    const world = new World((atMs) => ({ afterMs: atMs >= 200 && atMs < 500 ? 500 - atMs : 1 }));
    const { result, corrected, service } = await simulate(world, { connections: 1, maxConnections: 1 });
    expect(result.answered).toBe(100);
    expect(service.percentile(98)).toBeLessThan(1100);
    expect(within(corrected.maxMicros, 300_000)).toBe(true);
    // 30 requests came due in the stall and waited 300, 290, … 10 ms, and 1 ms more for each that was served before:
    // the 16th of them waited 150 + 15 ms.
    expect(within(corrected.percentile(85), 165_000)).toBe(true);
    expect(result.connectionWait.maxMicros).toBeGreaterThan(280_000);
    expect(result.generatorLate).toEqual({ count: 0, maxMicros: 0, totalMicros: 0 });
  });

  it("separates its own lateness from the server's", async () => {
    const world = new World(() => ({ afterMs: 1 }));
    const { result, corrected } = await simulate(world, { connections: 10, maxConnections: 10 }, [100, 150]);
    // Due at 110, 120, 130, 140 ms and sent at 150.
    expect(result.generatorLate).toEqual({ count: 4, maxMicros: 40_000, totalMicros: 100_000 });
    expect(result.connectionWait.count).toBe(0);
    expect(within(corrected.maxMicros, 41_000)).toBe(true);
  });

  it('counts what times out, at the time-out, and replaces its connection', async () => {
    const world = new World((_, __, nth) => (nth === 10 ? null : { afterMs: 1 }));
    const { result, corrected } = await simulate(world, { timeoutMs: 200 });
    expect(result).toMatchObject({ answered: 99, timedOut: 1, unanswered: 0, reconnects: 1, neverSent: 0 });
    expect(within(corrected.maxMicros, 200_000)).toBe(true);
    expect(world.links.length).toBe(5);
  });

  it('ignores a response after the time-out', async () => {
    const world = new World((_, __, nth) => ({ afterMs: nth === 10 ? 300 : 1 }));
    const { result } = await simulate(world, { timeoutMs: 200 });
    expect(result).toMatchObject({ answered: 99, timedOut: 1 });
  });

  it('waits for requests in flight at the end, and counts the unanswered ones', async () => {
    const world = new World((_, __, nth) => (nth === 99 ? null : { afterMs: nth === 98 ? 50 : 1 }));
    const { result } = await simulate(world, { timeoutMs: 200 });
    expect(result).toMatchObject({ answered: 99, timedOut: 0, unanswered: 1 });
    expect(world.now).toBe((990 + 200) * 1000);
  });

  it('counts requests that never got a free connection', async () => {
    const world = new World(() => {
      world.refuse = true;
      return null;
    });
    const { result, corrected } = await simulate(world, { connections: 1, maxConnections: 1, timeoutMs: 500 });
    expect(result).toMatchObject({ answered: 0, sent: 1, neverSent: 99 });
    // Due at 0, 10, … 500 ms and timed out by the end of the schedule at 1,000 ms; the rest after it.
    expect(result).toMatchObject({ timedOut: 51, unanswered: 49 });
    expect(within(corrected.percentile(0), 500_000)).toBe(true);
  });

  it('opens more connections when all are busy, up to the limit', async () => {
    const world = new World(() => ({ afterMs: 75 }));
    const { result } = await simulate(world, { connections: 1, maxConnections: 20 });
    expect(result.peakInFlight).toBe(8);
    expect(result.peakConnections).toBeGreaterThanOrEqual(8);
    const limited = new World(() => ({ afterMs: 75 }));
    expect((await simulate(limited, { connections: 1, maxConnections: 3 })).result.peakConnections).toBe(3);
    expect(limited.links.length).toBe(3);
  });

  it('alternates targets, requests and connections', async () => {
    const world = new World(() => ({ afterMs: 1 }));
    await simulate(world, {
      targets: [...OPTIONS.targets, { host: 'fake', port: 2 }],
      requests: ['a', 'b', 'c', 'd'].map((wire, i) => ({ target: i % 2, wire, expectStatus: 200 })),
    });
    const counts = (pick: (send: World['sends'][number]) => unknown) =>
      [...Map.groupBy(world.sends, pick).values()].map((sends) => sends.length);
    expect(counts(({ wire }) => wire)).toEqual([25, 25, 25, 25]);
    expect(counts(({ target }) => target)).toEqual([50, 50]);
    expect(counts(({ link }) => link)).toEqual([25, 25, 25, 25]);
  });

  it('counts unexpected statuses and bodies among the responses', async () => {
    const world = new World((_, __, nth) => ({
      afterMs: 1,
      ...(nth < 3 ? { status: 503 } : {}),
      body: nth === 9 ? 'x' : 'ok',
    }));
    const requests = [{ target: 0, wire: 'a', expectStatus: 200, expectBody: 'ok' }];
    const { result } = await simulate(world, { requests });
    expect(result).toMatchObject({ answered: 100, unexpected: 4, statuses: { 200: 97, 503: 3 } });
  });

  it('counts broken connections as failures and replaces them', async () => {
    const world = new World((_, __, nth) => ({ afterMs: 1, breaks: nth === 5 }));
    const { result, corrected } = await simulate(world);
    expect(result).toMatchObject({ answered: 99, failed: 1, errors: { ConnectionError: 1 }, reconnects: 1 });
    expect(corrected.count).toBe(99);
  });

  it('does not flood a server that is down', async () => {
    const world = new World((_, __, nth) => {
      world.refuse = nth >= 50;
      return { afterMs: 1, breaks: nth >= 50 };
    });
    const { result } = await simulate(world, { timeoutMs: 300 });
    expect(result.answered).toBe(50);
    expect(result.failed).toBe(4);
    expect(result.connectErrors).toBe(world.attempts - 4);
    // Down for 0.8 s: at most four attempts every 100 ms.
    expect(result.connectErrors).toBeLessThanOrEqual(4 * 9);
  });

  it('reports that it cannot connect at the start', async () => {
    const world = new World(() => null);
    world.refuse = true;
    await expect(simulate(world)).rejects.toThrow(ConnectionError);
  });

  it('sends the warm-up but does not count it', async () => {
    const world = new World((atMs) => ({ afterMs: atMs < 300 ? 30 : 1 }));
    const { result, corrected } = await simulate(world, { warmupMs: 300, connections: 8, maxConnections: 8 });
    expect(world.sends.length).toBe(130);
    expect(result).toMatchObject({ scheduled: 100, answered: 100, achievedRate: 100, requestBytes: 100 });
    expect(within(corrected.maxMicros, 1000)).toBe(true);
  });

  it('keeps its absolute schedule after it was late', async () => {
    const world = new World(() => ({ afterMs: 1 }));
    await simulate(world, {}, [100, 150]);
    expect(world.sends.slice(-50).map(({ atMs }) => atMs)).toEqual(Array.from({ length: 50 }, (_, i) => 500 + i * 10));
  });

  it('misses the rate if the server cannot keep up, and says so', async () => {
    const world = new World(() => ({ afterMs: 20 }));
    const { result } = await simulate(world, { connections: 1, maxConnections: 1 });
    expect(result.achievedRate).toBeCloseTo(51, -1);
    expect(result.connectionWait.count).toBeGreaterThan(90);
  });
});

describe('mergeOpenResults', () => {
  it('adds the shards up to the whole', async () => {
    const one = (await simulate(new World(() => ({ afterMs: 1 })))).result;
    const two = (await simulate(new World((_, __, nth) => ({ afterMs: 9, status: nth ? 200 : 500 })))).result;
    const merged = mergeOpenResults([one, two]);
    expect(merged).toMatchObject({
      askedRate: 200,
      achievedRate: 200,
      scheduled: 200,
      unexpected: 1,
      durationMs: 1000,
    });
    expect(merged.statuses).toEqual({ 200: 199, 500: 1 });
    const corrected = LatencyHistogram.decode(merged.corrected);
    expect(corrected.count).toBe(200);
    expect(within(corrected.percentile(50), 1000)).toBe(true);
    expect(within(corrected.percentile(51), 9000)).toBe(true);
    expect(mergeOpenResults([one])).toEqual(one);
  });

  it('needs at least one', () => {
    expect(() => mergeOpenResults([])).toThrow(RangeError);
  });
});

describe('openFaults', () => {
  it('lists all faults at once', () => {
    const requests = [{ target: 3, wire: 'a', expectStatus: 200 }];
    const targets = [...OPTIONS.targets, ...OPTIONS.targets];
    expect(openFaults({ ...OPTIONS, targets, requests, connections: 1, maxConnections: 0 })).toHaveLength(3);
  });
});
