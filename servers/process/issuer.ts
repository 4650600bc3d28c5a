/** Process entry: the authorization server, under a parent. Its messages are `StartIssuer` and a replica's `stop`. */
import { flushCompileCache } from 'node:module';
import type { FastifyInstance } from 'fastify';
import { StartError } from '../errors.ts';
import { buildIssuer } from '../issuer/app.ts';
import { type FromReplica, StartIssuer, StopMessage } from '../messages.ts';
import { faultIn, fits } from '../validate.ts';
import { isLoopback } from './serve.ts';
import { closeAndExit, failure } from './under-parent.ts';

const say = (message: FromReplica, then?: () => void) => process.send?.(message, undefined, undefined, then);

async function start({ host, port, secret, signingKey }: StartIssuer): Promise<FastifyInstance> {
  if (!isLoopback(host)) throw new StartError('HOST_NOT_LOOPBACK', `The host ${host} is not loopback: use 127.0.0.1.`);
  const app = await buildIssuer({ secret, signingKey });
  await app.listen({ host, port });
  const address = app.server.address();
  if (address === null || typeof address === 'string')
    throw new StartError('LISTEN_FAILED', 'The authorization server is not listening on a TCP port.');
  say({ type: 'ready', port: address.port });
  flushCompileCache();
  return app;
}

if (process.send === undefined) {
  console.error('The authorization server is started by the bench, over IPC.');
  process.exit(2);
}
let running: Promise<FastifyInstance> | undefined;
process.on('message', (message: unknown) => {
  const fail = (error: unknown) => say({ type: 'failed', ...failure(error) }, () => process.exit(1));
  if (running !== undefined && fits(StopMessage, message)) {
    void running.then(closeAndExit);
  } else if (running === undefined && fits(StartIssuer, message)) {
    running = start(message);
    running.catch(fail);
  } else {
    // The error does not quote the message, which carries a secret.
    fail(
      new StartError(
        'BAD_START',
        `The message to the authorization server is wrong at ${faultIn(StartIssuer, message)}.`,
      ),
    );
  }
});
// The parent is gone, so nobody is left to stop this process.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent decides when its servers stop.
process.on('SIGINT', () => {});
