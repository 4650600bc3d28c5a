import { expect, it } from 'vitest';
import { EXIT } from '../core/errors.ts';
import { GitError, hintFor, reasonIn } from './git-error.ts';

it('gives the fatal line as the reason, and no warning that stands before it', () => {
  const said =
    "warning: unable to access '/home/x/.config/git/attributes': Permission denied\nfatal: bad object HEAD\n";
  expect(reasonIn(said)).toBe('fatal: bad object HEAD');
  expect(reasonIn('hint: a remark\nsomething else')).toBe('something else');
  expect(reasonIn('warning: only this')).toBe('warning: only this');
  expect(reasonIn(' \n')).toBeNull();
});

it.each([
  ['fatal: could not fetch 1234 from promisor remote', /connect, or fetch all of them.*--refetch --no-filter/],
  ["fatal: unable to access 'https://example.org/': Could not resolve host: example.org", /remote cannot be reached/],
  ['error: file write error: No space left on device\nfatal: unable to write', /free some space/],
  ["fatal: cannot lock ref 'refs/heads/x': Unable to create 'x.lock': File exists.", /another git writes/],
  ['git checkout-index took longer than 120 s', /less busy/],
  ['fatal: bad object 1234', /git fsck/],
  ['fatal: ambiguous argument', /try the same with git directly/],
])('says what to do about %j, and sends only damage to git fsck', (said, hint) => {
  expect(hintFor(said)).toMatch(hint);
  if (!/fsck/.test(String(hint))) expect(hintFor(said)).not.toContain('fsck');
});

it('is an error of the environment, whose hint may follow from another line than its reason', () => {
  const said = "fatal: '/gone' does not appear to be a git repository\nfatal: Could not read from remote repository.\n";
  const error = new GitError(said, 'git ended with 128');
  expect(error.exitCode).toBe(EXIT.environment);
  expect(error.message).toBe("fatal: '/gone' does not appear to be a git repository");
  expect(error.hint).toMatch(/remote cannot be reached/);
  expect(new GitError('', 'spawn git ENOENT')).toMatchObject({
    message: 'spawn git ENOENT',
    hint: expect.stringMatching(/install git/),
  });
});
