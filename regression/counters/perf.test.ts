import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { countersIn, countWhile, findCounters, supportOf } from './perf.ts';

const directory = mkdtempSync(join(tmpdir(), 'tollgate-test-perf-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

// As written by perf 6.1.
const SUPPORTED =
  '123456789,,instructions:u,1000000,100.00,1.20,insn per cycle\n102345678,,cycles:u,1000000,100.00,,\n';
const NOT_SUPPORTED = '<not supported>,,instructions:u,0,100.00,,\n<not supported>,,cycles:u,0,100.00,,\n';

/** A fake perf that implements `--control`, and counts `summary`. @returns its path */
function fakePerf(name: string, summary: string): string {
  const folder = join(directory, name);
  const path = `${folder}-perf`;
  writeFileSync(
    path,
    `#!/bin/sh
summary() { printf '${summary.replaceAll('\n', '\\n')}' >&2; exit 0; }
case "$*" in *--control*) ;; *) summary ;; esac
trap summary INT
while read -r command <&3; do printf 'ack\\n' >&4; [ "$command" = disable ] && break; done
while :; do sleep 0.01; done
`,
  );
  chmodSync(path, 0o755);
  return path;
}

it('reads counts of both events, or of instructions only', () => {
  expect(countersIn(SUPPORTED)).toEqual({ instructions: 123_456_789, cycles: 102_345_678 });
  expect(countersIn(SUPPORTED.split('\n')[0] ?? '')).toEqual({ instructions: 123_456_789, cycles: null });
  expect(countersIn(NOT_SUPPORTED)).toBeNull();
  expect(countersIn('<not counted>,,instructions:u,0,0.00,,\n')).toBeNull();
  expect(countersIn('')).toBeNull();
});

it('adds up the kinds of cores of a hybrid CPU, and names them', () => {
  // As written by perf 6.2 on such a CPU, for a process on one kind of core.
  const one =
    '1234567,,cpu_core/instructions:u/,900000,100.00,,\n<not counted>,,cpu_atom/instructions:u/,0,0.00,,\n' +
    '2000000,,cpu_core/cycles:u/,900000,100.00,,\n<not counted>,,cpu_atom/cycles:u/,0,0.00,,\n';
  expect(countersIn(one)).toEqual({ instructions: 1_234_567, cycles: 2_000_000 });
  expect(supportOf('perf', one)).toEqual({
    perf: 'perf',
    says: 'Hardware counters were read by perf: instructions:u, cycles:u, of cores of the kind cpu_core.',
  });
  const both = `${one}1000,,cpu_atom/instructions/u,900000,100.00,,\n`;
  expect(countersIn(both)?.instructions).toBe(1_235_567);
  expect(countersIn('<not counted>,,cpu_core/instructions:u/,0,0.00,,\n')).toBeNull();
});

it('states which counters are read, or why there are none', async () => {
  expect(supportOf('/usr/bin/perf', SUPPORTED)).toEqual({
    perf: '/usr/bin/perf',
    says: 'Hardware counters were read by perf: instructions:u, cycles:u.',
  });
  expect(supportOf('perf', NOT_SUPPORTED)).toMatchObject({ perf: null, says: expect.stringMatching(/PMU/) });
  const refused = 'Error:\nAccess to performance monitoring and observability operations is limited.\n';
  expect(supportOf('perf', refused).says).toMatch(/kernel\.perf_event_paranoid/);
  expect(supportOf('perf', 'perf: something else\n').says).toMatch(/perf says "perf: something else"/);
  expect(await findCounters(directory)).toEqual({
    perf: null,
    says: 'Hardware counters were not read: perf is not installed.',
  });
});

it('counts a process during some work, from the moment that perf is ready', async () => {
  const child = spawn('sleep', ['60']);
  try {
    let worked = 0;
    const janitor = { watch: () => {} };
    const work = async () => {
      worked++;
    };
    const count = (perf: string) => countWhile(perf, child.pid ?? 0, janitor, work);
    expect(await count(fakePerf('good', SUPPORTED))).toEqual({ instructions: 123_456_789, cycles: 102_345_678 });
    expect(await count(fakePerf('virtual', NOT_SUPPORTED))).toBeNull();
    expect(worked).toBe(2);
    // One that exits at once, and one that does not exist: no work is run for them.
    expect(await count('/bin/true')).toBeNull();
    expect(await count(join(directory, 'none'))).toBeNull();
    expect(worked).toBe(2);
  } finally {
    child.kill('SIGKILL');
  }
});
