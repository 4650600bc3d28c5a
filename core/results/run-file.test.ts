import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleRun } from '../../reports/testing/sample-run.ts';
import { JsonFileError } from './json-file.ts';
import { parseRun, readRun } from './run-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tollgate-read-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function failure(text: string): string {
  try {
    parseRun(text, 'run.json');
  } catch (error) {
    expect(error).toBeInstanceOf(JsonFileError);
    return error instanceof JsonFileError ? `${error.message}. ${error.hint}` : '';
  }
  throw new Error('the text was read');
}

test('a valid run is read as it was written', async () => {
  await writeFile(join(folder, 'run.json'), JSON.stringify(sampleRun()));
  expect(readRun(folder)).toEqual(sampleRun());
});

test('a missing file is named, with how to create one', () => {
  const reading = () => readRun(join(folder, 'nowhere'));
  expect(reading).toThrow(/nowhere.run\.json not found$/);
  expect(reading).toThrow(expect.objectContaining({ hint: expect.stringContaining('npm run bench') }));
});

test('a file of another version names both versions and what to do', () => {
  const message = failure(JSON.stringify({ ...sampleRun(), schemaVersion: 99 }));
  expect(message).toMatch(/schema version 99; this Tollgate reads version 1\. use the version/);
});

test('a truncated file is reported as damaged', () => {
  expect(failure(JSON.stringify(sampleRun()).slice(0, 400))).toMatch(/is damaged: it is not JSON.*npm run report/);
});

test('a wrong field is named', () => {
  const run = sampleRun();
  const figures = [{ ...run.figures[0], value: 'fast' }];
  expect(failure(JSON.stringify({ ...run, figures }))).toMatch(/\/figures\/0.*npm run report/);
});

test.each(['null', '[]', '7', '{}'])('%s is not a run, and the message is one line', (text) => {
  expect(failure(text)).toMatch(/^run\.json is damaged: [^\n]+$/);
});

test('text from a file can neither move a cursor nor set a colour', () => {
  const attack = '\u001b]0;title\u0007\u001b[31m\u009b2J';
  const run = sampleRun();
  const hostile = { ...run, notes: [attack], figures: run.figures.map((one) => ({ ...one, arm: attack })) };
  const { notes, figures } = parseRun(JSON.stringify(hostile), 'run.json');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const controls = /[\u0000-\u001f\u007f-\u009f]/;
  expect(notes.join()).not.toMatch(controls);
  expect(figures.map(({ arm }) => arm).join()).not.toMatch(controls);
});
