/**
 * Process entry: one replica of one arm. Started with an IPC channel it waits for the `start` message and obeys its
 * parent; with `--standalone` it takes the same from the environment and a file.
 */
import type { FastifyInstance } from 'fastify';
import { Value } from 'typebox/value';
import { type FromReplica, type ProfileReply, StartMessage, ToReplica } from './contract.ts';
import { StartError } from './errors.ts';
import { createProfiler } from './profiler.ts';
import { serve } from './serve.ts';
import { readStandalone } from './standalone.ts';
import { startTelemetry } from './telemetry.ts';

/** A client that never hangs up must not keep a replica from ending. */
const CLOSE_WITHIN_MS = 3_000;

function failure(error: unknown): { code: string; message: string } {
  if (error instanceof StartError) return { code: error.code, message: error.message };
  return { code: 'START_FAILED', message: error instanceof Error ? error.message : String(error) };
}

async function closeAndExit(app: FastifyInstance | undefined): Promise<void> {
  setTimeout(() => process.exit(0), CLOSE_WITHIN_MS).unref();
  await app?.close().catch(() => undefined);
  process.exit(0);
}

function runUnderParent(): void {
  const telemetry = startTelemetry();
  const profiler = createProfiler();
  let app: FastifyInstance | undefined;
  let started = false;
  const say = (message: FromReplica, then?: () => void) => process.send?.(message, undefined, undefined, then);
  const fail = (error: unknown) => {
    say({ type: 'failed', ...failure(error) }, () => process.exit(1));
  };

  async function start(message: StartMessage): Promise<void> {
    if (started) throw new StartError('BAD_START', 'A replica starts once: send one start message.');
    started = true;
    const served = await serve(message, false);
    app = served.app;
    say({ type: 'ready', port: served.port });
  }

  function answerProfile(id: number, reply: Promise<ProfileReply>): void {
    reply
      .catch((error: unknown): ProfileReply => ({ type: 'profile-failed', id, message: failure(error).message }))
      .then(say);
  }

  process.on('message', (message: unknown) => {
    if (!Value.Check(ToReplica, message)) {
      fail(new StartError('BAD_START', badMessage(message)));
    } else if (message.type === 'start') {
      start(message).catch(fail);
    } else if (message.type === 'telemetry') {
      say(telemetry(message.id));
    } else if (message.type === 'profile-start') {
      const { id, intervalMicros } = message;
      answerProfile(
        id,
        profiler.start(intervalMicros).then(() => ({ type: 'profile-started', id })),
      );
    } else if (message.type === 'profile-stop') {
      const { id } = message;
      answerProfile(
        id,
        profiler.stop().then((profile) => ({ type: 'profile', id, profile })),
      );
    } else {
      void closeAndExit(app);
    }
  });
  // The parent is gone, however it went: nobody is left to stop this process.
  process.on('disconnect', () => process.exit(0));
  process.on('SIGTERM', () => void closeAndExit(app));
  // Ctrl-C reaches the whole process group; the parent decides what becomes of its replicas.
  process.on('SIGINT', () => {});
}

/** Says where a message is wrong, and never what it holds: it carries secrets. */
function badMessage(message: unknown): string {
  const [fault] = Value.Errors(StartMessage, message);
  return `The message to the replica is wrong at ${fault?.instancePath || 'its top'}: ${fault?.message ?? 'unknown type'}.`;
}

async function runStandalone(): Promise<void> {
  const { start, allowRemote } = readStandalone(process.env);
  const { app, port } = await serve(start, allowRemote);
  console.log(`${start.arm} listens on ${start.host}:${port}`);
  process.on('SIGTERM', () => void closeAndExit(app));
  process.on('SIGINT', () => void closeAndExit(app));
}

if (process.argv.includes('--standalone')) {
  runStandalone().catch((error: unknown) => {
    const { code, message } = failure(error);
    console.error(`${code}: ${message}`);
    process.exit(1);
  });
} else if (process.send === undefined) {
  console.error(
    'A replica is started by the bench, over IPC. To run one by itself: node servers/replica.ts --standalone',
  );
  process.exit(2);
} else {
  runUnderParent();
}
