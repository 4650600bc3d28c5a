import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../bench/fleet/certificate.ts';
import { requestBytes } from '../../bench/load/connection/request.ts';
import type { OpenOptions } from '../../bench/load/open/schema.ts';
import { runOpen } from '../../bench/load/open/testing/run-open.ts';
import { LatencyHistogram } from '../../core/results/histogram.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A real HTTP server; `status` gives the status of request n, null leaves it unanswered. */
async function serve(status: (nth: number) => number | null) {
  const seen = { requests: 0, sockets: 0 };
  const server = createServer((_, response) => {
    const code = status(seen.requests++);
    if (code === null) return;
    response.writeHead(code, { 'content-length': 2 });
    response.end('ok');
  }).on('connection', () => seen.sockets++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, seen };
}

function options(address: { host: string; port: number }, changes: Partial<OpenOptions> = {}): OpenOptions {
  const wire = requestBytes(address, { method: 'GET', path: '/' }).toString('latin1');
  return {
    targets: [address],
    requests: [{ target: 0, wire, expectStatus: 200, expectBody: 'ok' }],
    ratePerSecond: 200,
    durationMs: 500,
    warmupMs: 100,
    arrivals: 'uniform',
    seed: 1,
    timeoutMs: 3000,
    connections: 4,
    maxConnections: 16,
    ...changes,
  };
}

/** Command lines of living child processes. */
function children(): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && existsSync(`/proc/${pid}/stat`))
    .flatMap((pid) => {
      try {
        const parent = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[1];
        return Number(parent) === process.pid ? [readFileSync(`/proc/${pid}/cmdline`, 'latin1')] : [];
      } catch {
        return []; // it has ended
      }
    })
    .filter((command) => command.includes('open/process'));
}

describe('runOpen', () => {
  it('speaks TLS to an address with a certificate', async () => {
    const { certificate, privateKey } = makeCertificate();
    const server = createTlsServer({ cert: certificate, key: privateKey }, (_, response) => response.end('ok'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port, certificate };
    expect(await runOpen(options(address))).toMatchObject({ scheduled: 100, answered: 100, failed: 0, unexpected: 0 });
  });

  it('sends exactly the scheduled requests to a real server, and leaves no process', async () => {
    const { address, seen } = await serve(() => 200);
    const result = await runOpen(options(address));
    expect(result).toMatchObject({
      scheduled: 100,
      answered: 100,
      unexpected: 0,
      failed: 0,
      timedOut: 0,
      unanswered: 0,
    });
    expect(result.statuses).toEqual({ 200: 100 });
    expect(seen.requests).toBe(120);
    const corrected = LatencyHistogram.decode(result.corrected);
    const service = LatencyHistogram.decode(result.service);
    expect(corrected.count).toBe(100);
    // The corrected latency of each request is its service time plus its lateness.
    expect(corrected.maxMicros * 1.002).toBeGreaterThanOrEqual(service.maxMicros);
    expect(corrected.meanMicros).toBeGreaterThanOrEqual(service.meanMicros * 0.998);
    expect(children()).toEqual([]);
  });

  it('splits one schedule among shards', async () => {
    const { address, seen } = await serve((nth) => (nth % 10 === 0 ? 503 : 200));
    const result = await runOpen(options(address, { warmupMs: 0 }), { shards: 2 });
    expect(result).toMatchObject({ scheduled: 100, answered: 100, unexpected: 10, askedRate: 200 });
    expect(result.statuses).toEqual({ 200: 90, 503: 10 });
    expect(seen.requests).toBe(100);
    expect(LatencyHistogram.decode(result.corrected).count).toBe(100);
  });

  it('counts unanswered requests', async () => {
    const { address } = await serve((nth) => (nth % 20 === 3 ? null : 200));
    const result = await runOpen(options(address, { warmupMs: 0, timeoutMs: 3_000 }));
    expect(result.answered).toBe(95);
    expect(result.timedOut + result.unanswered).toBe(5);
    expect(result.reconnects).toBe(5);
  });

  it('says in one line that nothing listens there', async () => {
    const { address } = await serve(() => 200);
    for (const close of closers.splice(0)) close();
    await expect(runOpen(options(address))).rejects.toThrow(`cannot connect to 127.0.0.1:${address.port}`);
    expect(children()).toEqual([]);
  });

  it('reports all invalid options', async () => {
    const faulty = options({ host: '127.0.0.1', port: 1 }, { ratePerSecond: 0, timeoutMs: 90_000 });
    await expect(runOpen(faulty)).rejects.toThrow(/ratePerSecond.*; .*timeoutMs/);
    await expect(runOpen({ ...faulty, ratePerSecond: 1, timeoutMs: 1, connections: 20 })).rejects.toThrow(
      'maxConnections',
    );
  });

  it('ends at once when it is aborted', async () => {
    const { address, seen } = await serve(() => {
      abort.abort(new Error('enough'));
      return 200;
    });
    const abort = new AbortController();
    await expect(runOpen(options(address, { durationMs: 60_000 }), { signal: abort.signal })).rejects.toThrow('enough');
    expect(seen.requests).toBeLessThan(1000);
    expect(children()).toEqual([]);
  });

  it('ends its processes if their parent dies', async () => {
    const child = fork(fileURLToPath(new URL('../../bench/load/open/process.ts', import.meta.url)), { execArgv: [] });
    const { address } = await serve(() => 200);
    const request = { options: options(address, { durationMs: 60_000 }), shard: 0, shards: 1 };
    child.send({ id: 0, operation: 'prepare', request });
    expect((await once(child, 'message'))[0]).toEqual({ id: 0, reply: null });
    child.send({ id: 1, operation: 'go', request: { startAtMs: Number(process.hrtime.bigint()) / 1e6 } });
    const gone = once(child, 'exit');
    child.disconnect();
    expect(await gone).toEqual([0, null]);
  });
});
