/**
 * Runs shards with docker compose, one after the other: each starts all containers afresh, and removes them at the
 * end.
 */
import { randomBytes } from 'node:crypto';
import { messageOf, runError, thenEnding } from '../../core/errors.ts';
import { SHARD_INDEX } from '../plan.ts';
import { isResultLine, type ResultFiles, unpackResults } from '../results.ts';
import { type DockerCall, type DockerOutcome, docker, dockerFault } from './docker.ts';

export interface ComposeRun {
  /** The root of the repository, with docker-compose.yml. */
  readonly root: string;
  readonly shards: number;
  /** The folder of compose.env, tollgate.json and plan.json, readable only by this user. */
  readonly secrets: string;
  /** The variables of the compose file: arms and folders. */
  readonly env: Readonly<Record<string, string>>;
  /** The longest time that one shard may measure. */
  readonly measureSeconds: number;
  readonly signal: AbortSignal;
  /** Called with each shard after it was measured, so that a later failure loses nothing. */
  readonly onMeasured: (shard: ComposeShard) => void;
  readonly onProgress: (step: string) => void;
  readonly onNote: (text: string) => void;
}

export interface ComposeShard {
  /** Counted from 1. */
  readonly shard: number;
  readonly files: ResultFiles;
  readonly notes: readonly string[];
}

/** Building the images is the longest part of the first start. */
const BUILD_MS = 1_800_000;
const HEALTHY_SECONDS = 180;
const DOWN_MS = 120_000;
const SPARE_MS = 60_000;
const SERVICES = ['redis', 'none', 'session', 'token', 'balancer'];
const MANAGED = 'label=com.docker.compose.project';

/** @throws TollgateError; the signal's reason if it was aborted. In any case the containers are removed first */
export async function runOnCompose(run: ComposeRun): Promise<void> {
  const project = `tollgate-${randomBytes(4).toString('hex')}`;
  const compose = (
    words: readonly string[],
    limits: Pick<DockerCall, 'deadlineMs' | 'signal'>,
    onLine?: (line: string) => void,
  ) =>
    docker({
      args: [
        'compose',
        '--project-name',
        project,
        '--project-directory',
        run.root,
        '--env-file',
        `${run.secrets}/compose.env`,
        ...words,
      ],
      env: run.env,
      ...limits,
      ...(onLine === undefined ? {} : { onLine }),
    });
  await noteLeftovers(run);
  run.onProgress('building the images');
  const { signal } = run;
  succeeded(
    'docker compose build',
    await compose(['--profile', 'generator', 'build', '--quiet'], { deadlineMs: BUILD_MS, signal }),
  );
  for (let shard = 1; shard <= run.shards; shard++) {
    const step = (text: string) => run.onProgress(`shard ${shard} of ${run.shards}: ${text}`);
    let failed = true;
    await thenEnding(
      async () => {
        step('starting the containers');
        const up = ['up', '--detach', '--no-build', '--wait', '--wait-timeout', String(HEALTHY_SECONDS), ...SERVICES];
        succeeded('docker compose up', await compose(up, { deadlineMs: 1000 * HEALTHY_SECONDS + SPARE_MS, signal }));
        step('measuring');
        const generate = ['run', '--rm', '--no-deps', '-T', '--env', `${SHARD_INDEX}=${shard - 1}`, 'generator'];
        const limits = { deadlineMs: 2000 * run.measureSeconds + SPARE_MS, signal };
        const measured = await compose(generate, limits, (line) => {
          if (line.trim() !== '' && !isResultLine(line)) step(line.trim().slice(0, 60));
        });
        succeeded('the generator', measured);
        run.onMeasured({ shard, notes: [], files: unpackResults(measured.stdout, `shard ${shard}`) });
        failed = false;
      },
      () => step('removing the containers'),
      () =>
        remove(run, project, failed, (limits) =>
          compose(['--profile', 'generator', 'down', '--volumes', '--remove-orphans', '--timeout', '10'], limits),
        ),
    );
  }
}

function succeeded(what: string, outcome: DockerOutcome): void {
  if (outcome.code !== 0) throw dockerFault(what, outcome);
}

/** Removes everything under its own deadline, because the run may be ending due to its signal. */
async function remove(
  { onNote }: ComposeRun,
  project: string,
  failed: boolean,
  down: (limits: Pick<DockerCall, 'deadlineMs' | 'signal'>) => Promise<DockerOutcome>,
): Promise<void> {
  const removal = `docker compose --project-name ${project} down --volumes`;
  try {
    const outcome = await down({ deadlineMs: DOWN_MS, signal: new AbortController().signal });
    if (outcome.code !== 0)
      throw runError(`the containers of ${project} were not removed: ${outcome.stderr.at(-1) ?? ''}`, removal);
  } catch (error) {
    // The run's own failure is more informative, and must not be lost.
    if (!failed) throw error;
    onNote(`Containers may remain: ${messageOf(error)}. Remove them: ${removal}`);
  }
}

/** Reports containers of an earlier run, found by the label that compose sets. */
async function noteLeftovers({ signal, onNote }: ComposeRun): Promise<void> {
  const format = '{{.Label "com.docker.compose.project"}}';
  const listed = await docker({
    args: ['ps', '--all', '--filter', MANAGED, '--format', format],
    env: {},
    deadlineMs: SPARE_MS,
    signal,
  });
  succeeded('docker ps', listed);
  const projects = new Set(listed.stdout.split('\n').map((line) => line.trim()));
  for (const name of projects) {
    if (/^tollgate-[0-9a-f]{8}$/.test(name)) {
      onNote(
        `There are containers from another run. If that run has ended: docker compose --project-name ${name} down --volumes`,
      );
    }
  }
}
