/**
 * Whether the generators measure the CPU time that a server really used. The server knows it from its own account, read
 * before and after a load.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Connection } from '../../bench/load/connection/connection.ts';
import { requestBytes } from '../../bench/load/connection/request.ts';
import type { Tally } from '../../bench/load/replies.ts';
import { SettledCpu, withCpuOf } from '../../bench/load/settled-cpu.ts';
import { openCpuAccount } from '../../bench/processes/cpu.ts';
import { knownServers, type Server, target } from '../support/known/known-servers.ts';

const { afterwards, closed, generator } = knownServers();
const TOLERANCE = 0.01;

interface Own {
  readonly asked: number;
  readonly cpuMicros: number;
  /** Excludes work after the last request, such as closing its connections. */
  readonly loadMicros: number;
}

class BusyServer implements Server {
  readonly pid: number;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.port = port;
  }

  static async start(): Promise<BusyServer> {
    const entry = fileURLToPath(new URL('../support/known/busy-server.ts', import.meta.url));
    // V8's helper threads would continue after the load.
    const child = fork(entry, [], { execArgv: ['--single-threaded'] });
    afterwards(() => child.kill('SIGKILL'));
    const [{ port }] = await once(child, 'message');
    return new BusyServer(child, port);
  }

  /** Requests since the last call, and their cost. @param skip number of further requests that do not count */
  async own(skip = 0): Promise<Own> {
    this.#child.send({ skip });
    return (await once(this.#child, 'message'))[0];
  }
}

/** @returns µs per request, by the tally and by the servers' own accounts */
async function costs(servers: readonly BusyServer[], load: () => Promise<Tally>, skip = 0) {
  const owns = () => Promise.all(servers.map((server) => server.own(skip)));
  await owns();
  const tally = await load();
  const own = await owns();
  const sum = (each: readonly number[]) => each.reduce((total, value) => total + value, 0);
  return {
    found: sum(tally.replicaCpuNs ?? []) / 1000 / tally.requests,
    own:
      sum(own.map(({ cpuMicros, loadMicros }) => (skip > 0 ? loadMicros : cpuMicros))) /
      sum(own.map(({ asked }) => asked)),
  };
}

describe('a known cost is found within 1 %', () => {
  it.each([20, 50, 200])('in turns of %i requests', async (length) => {
    const [server, other] = [await BusyServer.start(), await BusyServer.start()];
    const made = generator();
    await made.ask('open', [target('busy', [server]), target('other', [other])]);
    const turns = { batches: length / 10, inFlight: 10, keys: null };
    await made.ask('paired', { rounds: 2000 / length, seed: 1, ...turns });
    const { found, own } = await costs([server], async () => {
      const [tally] = await made.ask('paired', { rounds: 3000 / length, seed: 2, ...turns });
      if (!tally) throw new Error('there is no tally');
      return tally;
    });
    expect(Math.abs(found / own - 1)).toBeLessThan(TOLERANCE);
  });

  it('in a window of the closed loop in which both servers are always busy', async () => {
    const servers = [await BusyServer.start(), await BusyServer.start()];
    const aim = target('busy', servers);
    for (let i = 0; i < 3; i++) {
      const { found, own } = await costs(servers, () => closed(aim, 10, 600), 5);
      expect(Math.abs(found / own - 1)).toBeLessThan(TOLERANCE);
    }
  });

  it('in a run of a connection pool', async () => {
    const servers = [await BusyServer.start(), await BusyServer.start()];
    const made = generator();
    await made.ask('openPools', [{ key: 'busy', target: target('busy', servers), connections: 12, sequence: null }]);
    const run = () => made.ask('runPool', { key: 'busy', addresses: [0, 1], perAddress: 6, rampMs: 40, windowMs: 400 });
    for (let i = 0; i < 4; i++) await run();
    for (let i = 0; i < 3; i++) {
      const { found, own } = await costs(servers, run);
      expect(Math.abs(found / own - 1)).toBeLessThan(TOLERANCE);
    }
  });
});

it('is found within 1 % over short, consecutive stretches of work', async () => {
  const server = await BusyServer.start();
  const connection = await Connection.open({ host: '127.0.0.1', port: server.port });
  afterwards(() => connection.close());
  const request = requestBytes({ host: '127.0.0.1', port: server.port }, { method: 'GET', path: '/' });
  const work = async () => {
    for (let i = 0; i < 20; i++) await connection.request(request);
  };
  for (let i = 0; i < 20; i++) await work();
  const account = await SettledCpu.open(server.pid);
  afterwards(() => account.close());
  await server.own();
  await account.spent();
  let foundMicros = 0;
  for (let stretch = 0; stretch < 50; stretch++) {
    await work();
    foundMicros += ((await account.spent())?.ns ?? Number.NaN) / 1000;
  }
  const own = await server.own();
  expect(Math.abs(foundMicros / own.cpuMicros - 1)).toBeLessThan(TOLERANCE);
  const { cpu } = await withCpuOf(server.pid, async () => {
    for (let i = 0; i < 50; i++) await work();
  });
  const whole = await server.own();
  expect(Math.abs((cpu?.ns ?? Number.NaN) / 1000 / whole.cpuMicros - 1)).toBeLessThan(TOLERANCE);
});

it('is unknown right after a turn, and known once the server has slept', async () => {
  const server = await BusyServer.start();
  const account = openCpuAccount(server.pid);
  const connection = await Connection.open({ host: '127.0.0.1', port: server.port });
  afterwards(() => connection.close());
  afterwards(() => account?.close());
  const request = requestBytes({ host: '127.0.0.1', port: server.port }, { method: 'GET', path: '/' });
  const read = () => account?.read()?.ns ?? Number.NaN;
  // The server then waits, for longer than any tick.
  const sleep = () => new Promise((resolve) => setTimeout(resolve, 12));
  await server.own();
  await sleep();
  const before = read();
  let lag = 0;
  for (let turn = 0; turn < 100; turn++) {
    for (let i = 0; i < 20; i++) await connection.request(request);
    const atOnce = read();
    await sleep();
    const settled = read();
    expect(settled).toBeGreaterThanOrEqual(atOnce);
    lag += settled - atOnce;
  }
  const found = (read() - before) / 1000;
  const { cpuMicros } = await server.own();
  // How much is missing depends on how long a turn takes, and on what else makes the kernel look at the thread.
  expect(lag).toBeGreaterThan(0);
  expect(Math.abs(found / cpuMicros - 1)).toBeLessThan(TOLERANCE);
});
