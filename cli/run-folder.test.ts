import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testHeader } from '../bench/testing/slices.ts';
import { freshFolder, inFolder, linkLatest, makeFolder, newFolder, openFolder, openRun } from './run-folder.ts';

const home = process.cwd();
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-run-folder-'));
  process.chdir(root);
});
afterEach(() => {
  process.chdir(home);
  rmSync(root, { recursive: true, force: true });
});

it('points results/latest at a run in results, and updates it for the next', () => {
  for (const name of ['one', 'two']) {
    makeFolder(join(root, 'results', name));
    linkLatest(join(root, 'results', name), { complete: true });
    expect(readlinkSync(join(root, 'results', 'latest'))).toBe(name);
  }
});

it('keeps results/latest at the last complete run after one that was broken off', () => {
  for (const [name, complete] of [
    ['whole', true],
    ['broken', false],
  ] as const) {
    makeFolder(join(root, 'results', name));
    linkLatest(join(root, 'results', name), { complete });
  }
  expect(readlinkSync(join(root, 'results', 'latest'))).toBe('whole');
});

it('links to no run elsewhere, since its folder may be deleted', () => {
  makeFolder(join(root, 'elsewhere'));
  linkLatest(join(root, 'elsewhere'), { complete: true });
  expect(lstatSync(join(root, 'results'), { throwIfNoEntry: false })).toBeUndefined();
});

it('gives a second run within the same second a separate folder', () => {
  mkdirSync(join(root, 'results', 'now'), { recursive: true });
  expect(freshFolder('now')).toBe(join(root, 'results', 'now-2'));
  // It is created at once, so that a third one cannot get it before the second has begun.
  expect(freshFolder('now')).toBe(join(root, 'results', 'now-3'));
});

it('gives runs of one second different ids, wherever they are written', () => {
  const began = (out: string | null) => openFolder({ config: testHeader.config, out, resume: null }, []);
  const runs = [began(null), began(null), began('one'), began('two')];
  expect(new Set(runs.map(({ runId }) => runId)).size).toBe(4);
  const named = runs.slice(0, 2).map(({ directory }) => basename(directory));
  expect(named).toEqual(runs.slice(0, 2).map(({ runId }) => runId));
  expect(named[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{6}$/);
});

it('refuses a folder whose journal is a link to nothing, which a run would create elsewhere', () => {
  mkdirSync(join(root, 'linked'));
  symlinkSync(join(root, 'elsewhere.jsonl'), join(root, 'linked', 'journal.jsonl'));
  expect(() => makeFolder(join(root, 'linked'))).toThrow('contains a journal.jsonl that is not a plain file');
});

it('removes the folder of a run that ended before it wrote anything', async () => {
  const refuse = () => Promise.reject(new Error('refused'));
  for (const out of [null, 'results/named', join(root, 'deep', 'down')]) {
    await expect(inFolder(newFolder(out, 'refused'), refuse)).rejects.toThrow('refused');
  }
  expect(readdirSync(root)).toEqual(['results']);
  expect(readdirSync(join(root, 'results'))).toEqual([]);
});

it('keeps the files of a failed run, and a folder that existed before', async () => {
  const written = newFolder(null, 'written');
  const fail = () => {
    writeFileSync(join(written.directory, 'journal.jsonl'), '');
    return Promise.reject(new Error('failed'));
  };
  await expect(inFolder(written, fail)).rejects.toThrow('failed');
  mkdirSync(join(root, 'mine'));
  await inFolder(newFolder('mine', 'mine'), async () => {});
  expect(readdirSync(written.directory)).toEqual(['journal.jsonl']);
  expect(existsSync(join(root, 'mine'))).toBe(true);
});

it('reads no journal that is a pipe, a folder or a link', () => {
  writeFileSync(join(root, 'target.jsonl'), '{}\n');
  const makers: Record<string, (path: string) => void> = {
    pipe: (path) => execFileSync('mkfifo', [path]),
    folder: (path) => mkdirSync(path),
    link: (path) => symlinkSync(join(root, 'target.jsonl'), path),
  };
  for (const [name, make] of Object.entries(makers)) {
    mkdirSync(join(root, name));
    make(join(root, name, 'journal.jsonl'));
    expect(() => openRun(join(root, name), '--resume')).toThrow(/is not a plain file/);
  }
});

it('offers to continue a run only where the command can', () => {
  mkdirSync(join(root, 'used'));
  writeFileSync(join(root, 'used', 'journal.jsonl'), '');
  const refused = (open: () => unknown) => {
    try {
      open();
    } catch (error) {
      return error;
    }
    return null;
  };
  const hint = (text: string) => ({ exitCode: 2, hint: `choose another folder, or ${text}` });
  expect(refused(() => newFolder('used', 'merged'))).toMatchObject(hint('show that run: npm run report -- used'));
  const bench = { config: testHeader.config, out: 'used', resume: null };
  expect(refused(() => openFolder(bench, []))).toMatchObject(
    hint(`continue an interrupted run there: --resume ${join(root, 'used')}`),
  );
});

it('refuses a folder that cannot be created, at once', () => {
  expect(() => makeFolder('/proc/tollgate')).toThrow('/proc/tollgate cannot be written');
  expect(existsSync('/proc/tollgate')).toBe(false);
});
