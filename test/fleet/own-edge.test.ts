/** An edge process that is slow or suspended. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ARMS } from '../../servers/arms.ts';
import type { StartEdge, Telemetry } from '../../servers/messages.ts';
import { OwnEdge } from '../../servers/process/own-edge.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-edge-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TELEMETRY: Telemetry = {
  type: 'telemetry',
  id: 1,
  rssBytes: 1,
  heapUsedBytes: 1,
  eventLoopActiveMs: 1,
  eventLoopIdleMs: 1,
  gcCount: 1,
  gcMs: 1,
  cpuUserUs: 1,
  cpuSystemUs: 1,
};

/** It answers each telemetry request, reports its PID as its port, and ignores messages that ask it to end. */
const program = join(folder, 'edge.mjs');
writeFileSync(
  program,
  `process.on('message', ({ type, id }) => {
    if (type === 'start-edge') process.send({ type: 'ready', port: process.pid % 65_000 + 1 });
    if (type === 'telemetry') process.send({ ...${JSON.stringify(TELEMETRY)}, id });
    if (type === 'stop') process.kill(process.pid, 'SIGSTOP');
  });`,
);
const START: StartEdge = { type: 'start-edge', arm: 'edged', host: '127.0.0.1', port: 0, behind: 'http://127.0.0.1:1' };
const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

it('is read even after the machine was suspended beyond the deadline, and is killed even while suspended', async () => {
  const ends: string[] = [];
  const edge = new OwnEdge((reason) => ends.push(reason), { program, answerTimeoutMs: 50, closeTimeoutMs: 100 });
  const [arm] = ARMS;
  if (arm === undefined) throw new Error('there is no arm');
  const started = await edge.start(START, arm);
  const both = edge.addTo(TELEMETRY);
  standStill(500);
  expect(await both).toMatchObject({ rssBytes: 2, gcCount: 2 });
  // It suspends itself, so it never ends by itself: this waits for the kill.
  await started.close();
  expect(ends).toEqual([]);
});
