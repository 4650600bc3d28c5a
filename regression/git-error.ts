/** Errors of git: its own reason, and what to do about it. Pure. */
import { EXIT, messageOf, TollgateError } from '../core/errors.ts';

/** Git failed, or could not be started. The message is its reason. */
export class GitError extends TollgateError {
  override readonly name: string = 'GitError';

  /** @param said git’s standard error @param otherwise the reason if it said nothing */
  constructor(said: string, otherwise: string) {
    const reason = reasonIn(said) ?? otherwise;
    // A reason such as an unreachable remote may stand on another line.
    super(EXIT.environment, reason, hintFor(`${reason}\n${said}`));
  }
}

/** The line that says why git failed: the first fatal one, rather than a warning before it; null if there is none. */
export function reasonIn(said: string): string | null {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const isRemark = (line: string) => /^(?:warning|hint): /.test(line);
  return (
    lines.find((line) => /^(?:fatal|error): /.test(line)) ?? lines.find((line) => !isRemark(line)) ?? lines[0] ?? null
  );
}

/** Hints in order: the first that matches counts. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/ENOENT/, 'install git, or put it on the PATH'],
  [/dubious ownership/, 'allow it: git config --global --add safe.directory FOLDER'],
  [
    /identity|user\.(?:name|email)|ident name/i,
    'set your identity: git config user.name NAME and git config user.email ADDRESS',
  ],
  [/not a git repository: .*\.git\/modules\//, 'fetch the submodule: git submodule update --init'],
  [
    /not a git repository: .*\.git\/worktrees\//,
    'the worktree was moved or pruned: git worktree repair, in the repository that it belongs to',
  ],
  [/not a git repository/, 'run it within a git repository'],
  [
    /promisor|could not (?:fetch|resolve host|read from remote|read username)|unable to access/i,
    'this clone lacks objects, and its remote cannot be reached: connect, or fetch all of them when it can be: git fetch --refetch --no-filter',
  ],
  [/No space left on device|ENOSPC/, 'free some space on the disk'],
  [/took longer than|ETIMEDOUT/, 'try again when the machine and the remote are less busy'],
  [
    /cannot lock ref|\.lock': File exists/,
    'another git writes at the same time: try again; if it was killed, remove the lock file that git names',
  ],
  [/bad object|corrupt|missing blob|unable to read (?:tree|sha1)|invalid object/i, 'objects are damaged: run git fsck'],
];

/** A hint for what git said. */
export function hintFor(said: string): string {
  const known = HINTS.find(([pattern]) => pattern.test(said));
  return known?.[1] ?? 'read the message of git, and try the same with git directly';
}

/** The hint for anything that an operation of git threw. */
export function gitHint(error: unknown): string {
  return error instanceof TollgateError ? error.hint : hintFor(messageOf(error));
}
