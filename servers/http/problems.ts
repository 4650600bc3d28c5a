/** Every reply that is not 2xx is `application/problem+json` (RFC 9457), whether a handler, the scheme or the framework raised it. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import type { Problem } from '../contract.ts';
import { TooManyRequests, Unauthenticated } from '../errors.ts';

/**
 * Not by `import`: that evaluates every export of node:http, one of which loads undici, a tenth of a replica's start.
 */
const { STATUS_CODES } = process.getBuiltinModule('node:http');
const CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** Problem details for a status. `about:blank` says that the title is that of the status (RFC 9457 §4.2.1). */
export function problem(status: number, detail?: string): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return detail === undefined ? { type: 'about:blank', title, status } : { type: 'about:blank', title, status, detail };
}

function send(reply: FastifyReply, body: Problem): void {
  // Serialised here: the body is small, off the hot path, and a string passes any route's response schema.
  void reply.code(body.status).header('content-type', CONTENT_TYPE).send(JSON.stringify(body));
}

interface RaisedError {
  readonly statusCode?: number;
  readonly message?: string;
}

/**
 * Returns the problem details to show for an error. A 5xx other than 503 is shown without the error's message, which may reveal
 * internals; an error without a status is a 500.
 */
export function problemOf(error: unknown): Problem {
  const { statusCode, message } = (typeof error === 'object' && error !== null ? error : {}) as RaisedError;
  if (statusCode === undefined || statusCode < 400 || statusCode > 599) return problem(500);
  if (statusCode >= 500 && statusCode !== 503) return problem(statusCode);
  return problem(statusCode, message);
}

/**
 * Installs the handlers for every error inside Fastify.
 * @param challenge the value of `WWW-Authenticate` on a 401 (RFC 9110 §11.6.1), or null without an HTTP authentication scheme
 */
export function installProblems(app: FastifyInstance, challenge: string | null): void {
  app.setErrorHandler((error, _request, reply) => {
    const body = problemOf(error);
    const asked = error instanceof Unauthenticated ? (error.challenge ?? challenge) : challenge;
    if (body.status === 401 && asked !== null) void reply.header('www-authenticate', asked);
    if (error instanceof TooManyRequests) void reply.header('retry-after', error.retryAfterSeconds);
    send(reply, body);
  });
  app.setNotFoundHandler((_request, reply) => send(reply, problem(404)));
}

/** Answers a request whose URL Fastify itself cannot read, before any route or handler is known. */
export function answerUnroutable(error: FastifyError, reply: FastifyReply): void {
  send(reply, problem(error.statusCode ?? 400));
}

/** Errors while a body is read: the request is known, and has been answered if no reply is in progress. */
const IN_A_BODY = new Set(['HPE_INVALID_CHUNK_SIZE', 'HPE_CHUNK_EXTENSIONS_OVERFLOW', 'HPE_STRICT']);

/**
 * Whether the malformed request has been answered. A proxy that multiplexes clients' requests over one connection
 * would mistake a second reply for that of the next request.
 */
function isAnswered(error: NodeJS.ErrnoException, socket: Socket): boolean {
  // Node's own handler reads this property too, since the event carries no request.
  const { _httpMessage: answer } = socket as Socket & { readonly _httpMessage?: ServerResponse | null };
  return answer ? answer.headersSent : IN_A_BODY.has(error.code ?? '');
}

/** Answers a request that is too malformed to reach Fastify (large headers, a broken request line), and closes the connection. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  if (isAnswered(error, socket)) {
    socket.destroySoon();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = JSON.stringify(problem(status));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: ${CONTENT_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
