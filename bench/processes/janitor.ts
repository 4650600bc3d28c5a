/**
 * Nothing outlives the run. A tiny shell process in a session of its own holds a pipe from us; when that pipe closes,
 * for whatever reason, SIGKILL of this process included, it kills every process we told it of, with the group that it
 * leads where it leads one, and removes our directories and control groups. What is killed may write on for a moment, so
 * a directory is removed until it is gone. A shell, since it must survive us, start in a millisecond and weigh nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';

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
for p in $pids; do kill -9 "$p" "-$p" 2>/dev/null; done
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

  private constructor(child: ChildProcess, pipe: Writable) {
    this.#child = child;
    this.#pipe = pipe;
  }

  /** @throws Error when there is no POSIX shell */
  static async start(): Promise<Janitor> {
    const child = spawn('/bin/sh', ['-c', SCRIPT, 'tollgate-janitor'], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(child, 'spawn');
    // It may have been killed: that must not end the run by an unhandled EPIPE.
    child.stdin.on('error', () => {});
    return new Janitor(child, child.stdin);
  }

  /** Kill this process when we are gone. */
  watch(child: ChildProcess): void {
    const { pid } = child;
    if (pid === undefined) return;
    this.#tell(`pid ${pid}`);
    // Its number may be given to another process from now on.
    child.once('exit', () => this.#tell(`gone ${pid}`));
  }

  /** Remove this directory when we are gone. Its name must begin with `tollgate-`. */
  watchDirectory(path: string): void {
    this.#tell(`dir ${path}`);
  }

  /** Remove this control group when we are gone; inner groups are to be told after outer ones. */
  watchGroup(path: string): void {
    this.#tell(`group ${path}`);
  }

  /** Cleans up now, and waits until it is done. */
  async finish(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#pipe.end();
    await exit;
  }

  #tell(line: string): void {
    if (this.#pipe.writable) this.#pipe.write(`${line}\n`);
  }
}
