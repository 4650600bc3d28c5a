/** Reports when a request is over, including one with a disconnected client. */
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** `left` if the client closed the connection before its reply was written. */
export type RequestEnd = 'answered' | 'left';

/**
 * Calls the listener once for each further request. Fastify's `onResponse` omits requests whose client has
 * disconnected, and those are the slowest.
 */
export function onRequestEnd(
  app: FastifyInstance,
  listener: (request: FastifyRequest, reply: FastifyReply, end: RequestEnd) => void,
): void {
  /** The requests in progress on each connection. */
  const underWay = new WeakMap<Socket, Map<FastifyRequest, FastifyReply>>();

  function startOn(socket: Socket): Map<FastifyRequest, FastifyReply> {
    const requests = new Map<FastifyRequest, FastifyReply>();
    underWay.set(socket, requests);
    // Listens on the connection: in Node 22 and 24, a reply queued behind another in a pipeline never emits `close`.
    socket.once('close', () => {
      for (const [request, reply] of requests) listener(request, reply, 'left');
      requests.clear();
    });
    return requests;
  }

  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    (underWay.get(socket) ?? startOn(socket)).set(request, reply);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    // A reply may still be written after the client has gone.
    if (underWay.get(request.raw.socket)?.delete(request)) listener(request, reply, 'answered');
    done();
  });
}
