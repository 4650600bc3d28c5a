import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { UsageError } from '../../core/errors.ts';
import { makeReport } from './make-report.ts';

const JOURNAL = new URL('../../reports/testing/recorded/quick.journal.jsonl.gz', import.meta.url);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tollgate-make-report-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('handles Ctrl-C while figures are computed, and has then written nothing', async () => {
  writeFileSync(join(directory, 'journal.jsonl'), gunzipSync(readFileSync(JOURNAL)));
  const [control, reason] = [new AbortController(), new Error('Ctrl-C')];
  setImmediate(() => control.abort(reason));
  await expect(makeReport({ directory, command: 'report' }, control.signal)).rejects.toBe(reason);
  expect(readdirSync(directory)).toEqual(['journal.jsonl']);
});

it('passes on what the thread found wrong with a journal', async () => {
  writeFileSync(join(directory, 'journal.jsonl'), 'no journal\n');
  const failure = await makeReport({ directory, command: 'report' }).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(`report: the journal in ${directory}`),
  });
  expect(failure).not.toBeInstanceOf(UsageError);
});
