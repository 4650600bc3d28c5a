/** A replica under a parent: it waits for the `start` message over IPC, and obeys until the `stop` message. */
import { flushCompileCache } from 'node:module';
import type { FastifyInstance } from 'fastify';
import { StartError } from '../errors.ts';
import {
  type FromReplica,
  type ProfileReply,
  StartEdge,
  StartMessage,
  StartProfile,
  StopMessage,
  StopProfile,
  TelemetryRequest,
  type ToReplica,
} from '../messages.ts';
import { faultIn, fits } from '../validate.ts';
import { OwnEdge } from './own-edge.ts';
import { createProfiler } from './profiler.ts';
import { type FindArm, findInRegistry, type Served, serve, serveEdgeProcess } from './serve.ts';
import { startTelemetry } from './telemetry.ts';

/** A client with an open connection must not keep a replica running. */
const CLOSE_WITHIN_MS = 3_000;

export function failure(error: unknown): { code: string; message: string } {
  if (error instanceof StartError) return { code: error.code, message: error.message };
  return { code: 'START_FAILED', message: error instanceof Error ? error.message : String(error) };
}

export async function closeAndExit(app: FastifyInstance | undefined): Promise<void> {
  setTimeout(() => process.exit(0), CLOSE_WITHIN_MS).unref();
  await app?.close().catch(() => undefined);
  process.exit(0);
}

/** @param find finds an arm by name; the registry's arms by default */
export function runUnderParent(find: FindArm = findInRegistry): void {
  const telemetry = startTelemetry();
  const profiler = createProfiler();
  const edge = new OwnEdge((reason) => {
    // The parent reads the reason for the exit from here.
    console.error(`Error: ${reason}`);
    fail(new StartError('EDGE_ENDED', reason));
  });
  let app: FastifyInstance | undefined;
  let started = false;
  const say = (message: FromReplica, then?: () => void) => process.send?.(message, undefined, undefined, then);
  const fail = (error: unknown) => {
    say({ type: 'failed', ...failure(error) }, () => process.exit(1));
  };

  const allowRemote = process.env.TOLLGATE_ALLOW_REMOTE === '1';
  const startAs = (message: StartMessage | StartEdge): Promise<Served> =>
    message.type === 'start'
      ? serve(message, allowRemote, find, edge.start)
      : serveEdgeProcess(message, allowRemote, find);

  async function start(message: StartMessage | StartEdge): Promise<void> {
    if (started) throw new StartError('BAD_START', 'The replica has already started: send one start message.');
    started = true;
    const served = await startAs(message);
    app = served.app;
    const { port, behindPort } = served;
    say({ type: 'ready', port, ...(behindPort === undefined ? {} : { behindPort }) });
    // Node writes its compile cache when a process exits by itself, and the bench kills its replicas. This takes a
    // millisecond if there is nothing new, and does nothing without a cache.
    flushCompileCache();
  }

  async function startProfile({ id, intervalMicros }: StartProfile): Promise<ProfileReply> {
    await profiler.start(intervalMicros);
    await edge.startProfile(id, intervalMicros);
    return { type: 'profile-started', id };
  }

  async function stopProfile(id: number): Promise<ProfileReply> {
    const profile = await profiler.stop();
    return { type: 'profile', id, profile, ...(await edge.stopProfile(id)) };
  }

  function answerProfile(id: number, reply: Promise<ProfileReply>): void {
    reply
      .catch((error: unknown): ProfileReply => ({ type: 'profile-failed', id, message: failure(error).message }))
      .then(say);
  }

  process.on('message', (message: unknown) => {
    if (!isToReplica(message)) {
      fail(new StartError('BAD_START', badMessage(message)));
    } else if (message.type === 'start' || message.type === 'start-edge') {
      start(message).catch(fail);
    } else if (message.type === 'telemetry') {
      const spans = app?.spanCounts?.();
      const own = { ...telemetry(message.id), ...(spans === undefined ? {} : { spans }) };
      edge.addTo(own).then(say, fail);
    } else if (message.type === 'profile-start') {
      answerProfile(message.id, startProfile(message));
    } else if (message.type === 'profile-stop') {
      answerProfile(message.id, stopProfile(message.id));
    } else {
      void closeAndExit(app);
    }
  });
  // The parent is gone, so nobody is left to stop this process.
  process.on('disconnect', () => process.exit(0));
  process.on('SIGTERM', () => void closeAndExit(app));
  // Ctrl-C reaches the whole process group; the parent decides when its replicas stop.
  process.on('SIGINT', () => {});
}

/** Schemas by `type`, so that a message's schema is compiled only when the first one arrives. */
const MESSAGES = new Map<unknown, Parameters<typeof fits>[0]>([
  ['start', StartMessage],
  ['start-edge', StartEdge],
  ['telemetry', TelemetryRequest],
  ['profile-start', StartProfile],
  ['profile-stop', StopProfile],
  ['stop', StopMessage],
]);

function schemaOf(message: unknown) {
  return typeof message === 'object' && message !== null && 'type' in message ? MESSAGES.get(message.type) : undefined;
}

function isToReplica(message: unknown): message is ToReplica {
  const schema = schemaOf(message);
  return schema !== undefined && fits(schema, message);
}

/** Describes where a message is wrong without quoting it, since it carries secrets. */
function badMessage(message: unknown): string {
  const schema = schemaOf(message);
  return `The message to the replica is wrong at ${schema === undefined ? '/type: unknown type' : faultIn(schema, message)}.`;
}
