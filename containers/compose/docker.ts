/** The command `docker compose`: each call has a deadline, and none outlives its run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { EXIT, environmentError, runError, type TollgateError } from '../../core/errors.ts';
import { inertLine } from '../../core/inert.ts';

export interface DockerCall {
  readonly args: readonly string[];
  /** Added to the environment. It names files with passwords, but contains none. */
  readonly env: Readonly<Record<string, string>>;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Called with each line on stderr. */
  readonly onLine?: (line: string) => void;
}

export interface DockerOutcome {
  readonly code: number | null;
  readonly stdout: string;
  /** Its last lines. */
  readonly stderr: readonly string[];
}

const MOST_STDOUT_CHARS = 256 * 1024 * 1024;
const KEPT_LINES = 20;
/** From SIGTERM to SIGKILL, the time for docker compose to stop what it runs in the foreground. */
const GRACE_MS = 20_000;

/**
 * @throws TollgateError if docker is missing or takes too long; the signal's reason if it was aborted. In both cases
 * the process has ended
 */
export function docker({ args, env, deadlineMs, signal, onLine }: DockerCall): Promise<DockerOutcome> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    // In a separate group, so that on Ctrl-C this process decides what ends, and in which order.
    const child = spawn('docker', args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    const stderr: string[] = [];
    let ending: unknown = null;
    const end = (reason: unknown) => {
      ending ??= reason;
      endInOrder(child);
    };
    const abort = () => end(signal.reason);
    const late = setTimeout(
      () => end(runError(`docker ${args.at(-1)} took longer than ${deadlineMs / 1000} s`, 'see docker ps')),
      deadlineMs,
    );
    signal.addEventListener('abort', abort, { once: true });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < MOST_STDOUT_CHARS) stdout += text;
    });
    let rest = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.map(inertLine)) {
        stderr.push(line);
        if (stderr.length > KEPT_LINES) stderr.shift();
        onLine?.(line);
      }
    });
    const settle = () => {
      clearTimeout(late);
      signal.removeEventListener('abort', abort);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      settle();
      const absent = environmentError(
        'docker was not found',
        'install Docker with its compose plugin, or omit --fleet',
      );
      reject(error.code === 'ENOENT' ? absent : error);
    });
    child.once('close', (code) => {
      settle();
      if (rest.trim() !== '') stderr.push(inertLine(rest));
      if (ending !== null) reject(ending);
      else resolve({ code, stdout, stderr });
    });
  });
}

function endInOrder(child: ChildProcess): void {
  child.kill('SIGTERM');
  const timer = setTimeout(() => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }, GRACE_MS);
  child.once('close', () => clearTimeout(timer));
}

const KNOWN: readonly (readonly [RegExp, string, string])[] = [
  [
    /cannot connect to the docker daemon|is the docker daemon running/i,
    'the Docker daemon does not run',
    'start it, as with: sudo systemctl start docker',
  ],
  [/permission denied.*docker/i, 'you may not use the Docker daemon', 'join the group docker, or use rootless Docker'],
  [
    /is not a docker command|unknown (?:shorthand )?flag|unknown command/i,
    'docker compose is missing or too old',
    'install the compose plugin, version 2.20 or later',
  ],
  [
    /port is already allocated|address already in use/i,
    'a port of the balancer is in use',
    'stop whatever listens on 127.0.0.1:8080 to 8082, such as another fleet: docker ps',
  ],
  [/no space left/i, 'the disk of the Docker daemon is full', 'make room: docker system df'],
  [
    /pull access denied|manifest unknown|failed to resolve|no such host/i,
    'an image cannot be pulled',
    'check that the machine can reach the registries in Dockerfile and docker-compose.yml',
  ],
];

/** The error of a failed call as one line with a hint. Pure. */
export function dockerFault(what: string, { code, stderr }: Pick<DockerOutcome, 'code' | 'stderr'>): TollgateError {
  const text = stderr.join('\n');
  const known = KNOWN.find(([pattern]) => pattern.test(text));
  const last = stderr.findLast((line) => line.trim() !== '') ?? `exit code ${code}`;
  if (known !== undefined) return environmentError(`${known[1]}: ${last}`, known[2]);
  const [, service] = /container \S*?-(\w+)-\d+ is unhealthy/i.exec(text) ?? [];
  if (service !== undefined) {
    return runError(`${service} did not become healthy: ${last}`, `see its log: docker compose logs ${service}`);
  }
  return runError(`${what} failed: ${last}`, `exit code ${code ?? EXIT.failed}; see docker compose ps`);
}
