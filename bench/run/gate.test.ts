import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readGate } from '../../core/results/gate-file.ts';
import { GATE_SCHEMA_VERSION, type GateVerdict } from '../../core/results/gate-schema.ts';
import { JournalWriter } from '../../core/results/journal.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { quickGate } from '../gate/quick.ts';
import { armInfo } from '../testing/arm-info.ts';
import { type GateOptions, passGate } from './gate.ts';

let directory: string;
let journal: JournalWriter;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tollgate-test-gate-'));
  notes.length = 0;
  journal = JournalWriter.open(join(directory, 'journal.jsonl'));
});
afterEach(() => {
  journal.close();
  rmSync(directory, { recursive: true });
});

/** Gives these verdicts instead of running real checks. */
function saying(verdicts: Readonly<Record<string, GateVerdict>>): typeof quickGate {
  return async (_ground, arms) => ({
    schemaVersion: GATE_SCHEMA_VERSION,
    startedAt: '2026-01-31T12:00:00.000Z',
    durationMs: 1500,
    quick: true,
    checks: [{ id: 23, name: 'logout', family: 'session', refs: [] }],
    arms: arms.map(({ name, title }) => {
      const verdict = verdicts[name] ?? 'pass';
      return { arm: name, title, outcomes: [{ check: 23, verdict, detail: 'as seen', durationMs: 1 }] };
    }),
  });
}

const notes: string[] = [];

function optionsFor(
  arms: readonly ArmInfo[],
  options: Pick<GateOptions, 'check' | 'unsafe'> & { aborted?: boolean },
): GateOptions {
  const controller = new AbortController();
  if (options.aborted) controller.abort();
  const janitor = { watch() {} } as unknown as GateOptions['environment']['janitor'];
  // The verdicts are invented, so no server ever gets these keys.
  const environment = { janitor, redisUrl: null, runId: 'test', secrets: {} as GateOptions['environment']['secrets'] };
  const { signal } = controller;
  const onNote = (text: string) => void notes.push(text);
  return { environment, arms, directory, journal, signal, onProgress: () => {}, onNote, ...options };
}

const lines = () =>
  readFileSync(join(directory, 'journal.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const ARMS = [armInfo('none', { baseline: true }), armInfo('good'), armInfo('bad')];

test('a failed arm is named, with the reason in a note, and the result is stored', async () => {
  const failed = await passGate(optionsFor(ARMS, { unsafe: false, check: saying({ bad: 'fail', good: 'limit' }) }));
  expect(failed).toEqual(['bad']);
  const [gate, note, ...rest] = lines();
  expect(gate).toMatchObject({ kind: 'gate', failed: ['bad'], timed: false, seconds: 1.5 });
  expect(note).toMatchObject({ kind: 'note', text: 'bad failed the gate and was not measured (check 23: as seen).' });
  expect(rest).toEqual([]);
  expect(notes).toEqual(['bad failed the gate and was not measured (check 23: as seen).']);
  expect(readGate(directory)?.arms.map(({ arm }) => arm)).toEqual(['good', 'bad']);
});

test('with --unsafe the journal says that it was measured nevertheless', async () => {
  await passGate(optionsFor(ARMS, { unsafe: true, check: saying({ bad: 'fail' }) }));
  expect(lines()[0]).toMatchObject({ kind: 'gate', failed: ['bad'], timed: true });
});

test('a run of the baseline alone starts nothing', async () => {
  const check: typeof quickGate = () => Promise.reject(new Error('was started'));
  expect(await passGate(optionsFor(ARMS.slice(0, 1), { unsafe: false, check }))).toEqual([]);
  expect(readGate(directory)).toBeNull();
});

test('an interrupted gate stores nothing, because it did not check all arms', async () => {
  expect(await passGate(optionsFor(ARMS, { unsafe: false, aborted: true, check: saying({}) }))).toEqual([]);
  expect(readdirSync(directory)).toEqual([]);
});
