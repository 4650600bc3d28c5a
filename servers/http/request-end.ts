/** Tells when a request is over, also one whose client has gone. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** `left` if the client closed the connection before its reply was written. */
export type RequestEnd = 'answered' | 'left';

/**
 * Calls the listener once for each request from now on. Fastify's `onResponse` alone leaves out each request whose client has
 * gone, and those are the slowest.
 */
export function onRequestEnd(
  app: FastifyInstance,
  listener: (request: FastifyRequest, reply: FastifyReply, end: RequestEnd) => void,
): void {
  // The response closes after an answer, too, and where requests are injected it looks the same as if the client had gone.
  const answered = new WeakSet<FastifyReply>();
  const left = new WeakSet<FastifyReply>();
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => {
      if (answered.has(reply)) return;
      left.add(reply);
      listener(request, reply, 'left');
    });
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (!left.has(reply)) {
      answered.add(reply);
      listener(request, reply, 'answered');
    }
    done();
  });
}
