/** The warm-up of real servers: its counts, its findings, and that it always ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../bench/fleet/certificate.ts';
import type { Target } from '../../bench/load/protocol.ts';
import { warmUp, warmUpFlags } from '../../bench/measuring/warm-up.ts';
import type { Measures } from '../../core/results/measures.ts';
import { knownServers } from '../support/known/known-servers.ts';

const { afterwards, generator, janitor } = knownServers();

/** Behaviour of the server: `answer(request number)` gives status and body, or null for no answer. */
interface Script {
  readonly answer: string;
  readonly beside?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
}

const OK = 'n => [200, "ok"]';
/** Burns a core in another thread, permanently. */
const BURN = 'new (require("node:worker_threads").Worker)("for (;;);", { eval: true });';

async function start({
  answer,
  beside = '',
  tls,
}: Script): Promise<{ child: ChildProcess; port: number; pid: number }> {
  const code = `
    const tls = ${JSON.stringify(tls ?? null)};
    const answer = ${answer};
    let n = 0;
    const handle = (request, response) => {
      const given = answer(++n);
      if (given === null) return;
      response.writeHead(given[0], { 'content-length': Buffer.byteLength(given[1]) });
      response.end(given[1]);
    };
    const server = tls ? require('node:https').createServer(tls, handle) : require('node:http').createServer(handle);
    server.keepAliveTimeout = 60000;
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
    ${beside}`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  janitor().watch(child);
  afterwards(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  const [said] = await once(child.stdout, 'data');
  return { child, port: Number(String(said)), pid: child.pid ?? 0 };
}

function target(servers: readonly { port: number; pid: number }[], certificate?: string): Target {
  const request = { method: 'GET', path: '/', headers: {}, expectedStatus: 200, expectedBody: 'ok' };
  return {
    key: 'a',
    addresses: servers.map(({ port }) => ({
      host: '127.0.0.1',
      port,
      ...(certificate === undefined ? {} : { certificate }),
    })),
    requests: Array.from({ length: 10 }, () => request),
    processes: { replicas: servers.map(({ pid }) => pid), redis: null },
  };
}

const LIMITS = { keys: null, timeoutMs: 60_000, atLeast: 4_000, atMost: 6_000 };

async function warmed(targets: readonly Target[], limits: Partial<typeof LIMITS> = {}) {
  const made = generator();
  await made.ask('open', targets);
  const each = await made.ask('warmUp', { ...LIMITS, ...limits });
  return { each, made };
}

describe('the warm-up', () => {
  it('ends when a server is warm, and slices contain its count', async () => {
    const made = generator();
    await made.ask('open', [target([await start({ answer: OK })])]);
    const notes: string[] = [];
    const options = { keys: null, timeoutMs: 90_000, atLeast: 18_000, atMost: 1_000_000 };
    const [one] = await made.ask('warmUp', options);
    expect(one).toMatchObject({ key: 'a', isWarm: true, fault: null });
    expect(one?.requests).toBeGreaterThanOrEqual(18_000);
    expect(one?.helperShare).toBeLessThanOrEqual(1 / 3);
    expect(one?.cpuUsPerRequest).toBeGreaterThan(1);
    const again = await warmUp(made, { timeoutMs: 90_000, note: (text) => notes.push(text) });
    const blank: { flags: []; measures: Measures } = { flags: [], measures: {} };
    const { measures } = again.onto(blank, 'a');
    expect(measures.warm_up_requests).toBeGreaterThanOrEqual(18_000);
    expect(notes).toEqual([]);
  });

  it('sends every replica of a target the same number of requests, also over TLS', async () => {
    const { certificate, privateKey } = makeCertificate();
    const servers = [
      await start({ answer: OK }),
      await start({ answer: OK, tls: { key: privateKey, cert: certificate } }),
    ];
    const [plain, encrypted] = servers;
    if (!plain || !encrypted) throw new Error('two servers');
    const { each } = await warmed([
      { ...target([plain]), key: 'plain' },
      { ...target([encrypted], certificate), key: 'encrypted' },
    ]);
    expect(each.map(({ key: name, fault }) => [name, fault])).toEqual([
      ['plain', null],
      ['encrypted', null],
    ]);
    for (const { requests } of each) expect(requests).toBeGreaterThanOrEqual(4_000);
    const both = await warmed([target([plain, await start({ answer: OK })])]);
    expect(both.each).toHaveLength(1);
    expect(both.each[0]?.requests).toBeGreaterThanOrEqual(4_000);
  });

  it('gives up on a server that never becomes idle, and flags it', async () => {
    const { each, made } = await warmed([target([await start({ answer: OK, beside: BURN })])]);
    const [one] = each;
    expect(one).toMatchObject({ requests: 6_000, isWarm: false, fault: null });
    // Far beyond the allowed 2 %, even if other tests take a part of the cores.
    expect(one?.helperShare).toBeGreaterThan(0.05);
    expect(warmUpFlags(one ?? { isWarm: true, helperShare: 0 })).toEqual(['not-warm']);
    // The load continues nevertheless.
    const [tally] = await made.ask('paired', { rounds: 1, inFlight: 10, batches: 5, seed: 1, keys: null });
    expect(tally).toMatchObject({ requests: 50, unexpected: 0, failed: 0 });
  });

  it.each([
    ['another status', 'n => n > 1200 ? [500, "no"] : [200, "ok"]', 'status 500 instead of 200'],
    ['another length', 'n => n > 1200 ? [200, "okay"] : [200, "ok"]', 'unexpected body'],
    ['another status from the first on', 'n => [401, "ok"]', 'status 401 instead of 200'],
  ])('ends at an answer of %s', async (_, answer, fault) => {
    const { each } = await warmed([target([await start({ answer })])]);
    expect(each[0]).toMatchObject({ isWarm: false, fault: expect.stringContaining(fault) });
    expect(each[0]?.requests).toBeLessThanOrEqual(1_200);
  });

  it('ends at its deadline if a server stops answering', async () => {
    const { each } = await warmed([target([await start({ answer: 'n => n > 700 ? null : [200, "ok"]' })])], {
      timeoutMs: 3_000,
    });
    expect(each[0]).toMatchObject({ requests: 700, isWarm: false, fault: null });
  });

  it('ends if a server dies, or does not exist', async () => {
    const dying = await start({ answer: 'n => n > 700 ? process.exit(0) : [200, "ok"]' });
    const gone = once(dying.child, 'exit');
    const made = generator();
    await made.ask('open', [target([dying])]);
    const [one] = await made.ask('warmUp', LIMITS);
    expect(one).toMatchObject({ isWarm: false, fault: expect.stringMatching(/closed|ECONNRESET|EPIPE/) });
    // Its port refuses connections only once it has ended, which may be after the load has noticed.
    await gone;
    const [absent] = await made.ask('warmUp', LIMITS);
    expect(absent).toMatchObject({ requests: 0, isWarm: false, fault: expect.stringContaining('ECONNREFUSED') });
  });

  it('ends after a fixed number of requests if it cannot be seen whether a server is warm', async () => {
    const unseen = target([await start({ answer: OK })]);
    const { each } = await warmed([{ ...unseen, processes: { replicas: [], redis: null } }], { atMost: 30_000 });
    expect(each[0]).toMatchObject({ requests: 7_000, isWarm: true, helperShare: null, cpuUsPerRequest: null });
    expect(warmUpFlags(each[0] ?? { isWarm: false, helperShare: 0 })).toEqual(['warm-up-unchecked']);
  });
});
