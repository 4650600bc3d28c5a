/**
 * Nothing outlives the run. A tiny shell process in a session of its own holds a pipe from this process. When the pipe
 * closes for any reason, SIGKILL of this process included, the shell kills every watched process, its children (a
 * database gives each a separate session, and one that is stopped does not see its parent die), the group that it
 * leads, and what is left in its control group. Then it removes watched directories and control groups. A killed
 * process may write for another moment, so removal is repeated until it succeeds. It is a shell because that survives
 * us, starts in a millisecond and takes little memory.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { signalIfAlive } from './ending.ts';
import { refuseFewFiles } from './open-files.ts';

const SCRIPT = `
trap '' INT TERM HUP
pids=''
groups=''
while read -r verb what; do
  case $verb in
    pid) pids="$pids $what" ;;
    gone) kept=''; for p in $pids; do [ "$p" = "$what" ] || kept="$kept $p"; done; pids=$kept ;;
    group) groups="$what $groups" ;;
    dir) set -- "$@" "$what" ;;
  esac
done
for p in $pids; do
  kill -STOP "$p" 2>/dev/null
  for c in $(cat "/proc/$p/task/"*/children 2>/dev/null); do kill -9 "$c" 2>/dev/null; done
  kill -9 "$p" "-$p" 2>/dev/null
done
for g in $groups; do
  case $g in */tollgate-*/process-*) ;; *) continue ;; esac
  for p in $(cat "$g/cgroup.procs" 2>/dev/null); do kill -9 "$p" 2>/dev/null; done
done
for d in "$@"; do
  case $d in */tollgate-*) ;; *) continue ;; esac
  tries=0
  while [ $tries -lt 50 ] && { ! rm -rf "$d" 2>/dev/null || [ -e "$d" ]; }; do
    tries=$((tries + 1))
    sleep 0.1
  done
done
tries=0
while [ -n "$groups" ] && [ $tries -lt 50 ]; do
  kept=''
  for g in $groups; do [ ! -d "$g" ] || rmdir "$g" 2>/dev/null || kept="$kept $g"; done
  groups=$kept
  [ -z "$groups" ] || sleep 0.1
  tries=$((tries + 1))
done
`;

export class Janitor {
  readonly #child: ChildProcess;
  readonly #pipe: Writable;
  #isFinished = false;

  private constructor(child: ChildProcess, pipe: Writable) {
    this.#child = child;
    this.#pipe = pipe;
  }

  /** @throws TollgateError if too few files may be opened; Error when there is no POSIX shell */
  static async start(): Promise<Janitor> {
    refuseFewFiles();
    const child = spawn('/bin/sh', ['-c', SCRIPT, 'tollgate-janitor'], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(child, 'spawn');
    // An unhandled EPIPE must not end the run if the shell was killed.
    child.stdin.on('error', () => {});
    return new Janitor(child, child.stdin);
  }

  /**
   * Kills this process when we are gone, or at once if `finish` was already called, since a start may have been in
   * progress.
   */
  watch(child: ChildProcess): void {
    const { pid, exitCode, signalCode } = child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    if (this.#isFinished) {
      // It may be the leader of a group.
      for (const id of [-pid, pid]) signalIfAlive(id, 'SIGKILL');
      return;
    }
    this.#report(`pid ${pid}`);
    // The system may reuse its number from now on.
    child.once('exit', () => this.#report(`gone ${pid}`));
  }

  /** Removes this directory when we are gone. Its name must begin with `tollgate-`. */
  watchDirectory(path: string): void {
    if (this.#isFinished) rmSync(path, { recursive: true, force: true });
    this.#report(`dir ${path}`);
  }

  /** Removes this control group when we are gone; watch outer groups before inner ones. */
  watchGroup(path: string): void {
    this.#report(`group ${path}`);
  }

  /** Cleans up now, and waits until it is done. */
  async finish(): Promise<void> {
    this.#isFinished = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#pipe.end();
    await exit;
  }

  #report(line: string): void {
    if (this.#pipe.writable) this.#pipe.write(`${line}\n`);
  }
}
