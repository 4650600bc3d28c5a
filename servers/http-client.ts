/**
 * Requests to another service over HTTP with keep-alive connections. Every request has a deadline, counted from the
 * call rather than from a free connection, and every reply a maximum size: a service that hangs, or sends an endless
 * reply, costs a bounded amount of time and memory.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

export interface HttpReply {
  readonly status: number;
  /** Lower case, without parameters; empty if the reply names none. */
  readonly mediaType: string;
  readonly text: string;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request of a client, to be forwarded unchanged. */
export interface PassedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer | null;
}

/** A reply, to be forwarded unchanged. Names of headers are in lower case. */
export interface PassedReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpClient {
  /** @throws Error if there is no answer in time, it is too long, or the connection breaks */
  request(request: HttpRequest): Promise<HttpReply>;
  /** @throws Error likewise, and if a name or value cannot be sent */
  pass(request: PassedRequest): Promise<PassedReply>;
  /** Breaks every connection. */
  close(): Promise<void>;
}

export interface HttpClientOptions {
  /** `http://host:port` */
  readonly origin: string;
  readonly deadlineMs: number;
  readonly largestReplyBytes: number;
  /** Further requests wait for a free connection. */
  readonly connections: number;
}

function mediaTypeOf(value: string | string[] | undefined): string {
  const [first = ''] = typeof value === 'string' ? [value] : (value ?? []);
  return (first.split(';', 1)[0] ?? '').trim().toLowerCase();
}

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { origin, deadlineMs, largestReplyBytes, connections } = options;
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    connect: { timeout: deadlineMs },
    // Only the deadline below counts; each of these would start again.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  /** @param read converts the received data into the reply */
  function dispatch<T>(
    { method, path, headers, body }: PassedRequest | HttpRequest,
    read: (status: number, headers: IncomingHttpHeaders, body: Buffer) => T,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      let abort: ((reason: Error) => void) | null = null;
      let failure: Error | null = null;
      const giveUp = (reason: Error) => {
        failure ??= reason;
        // If a request still waits for a connection, it is aborted when it gets one.
        abort?.(failure);
        reject(failure);
      };
      const timer = setTimeout(() => giveUp(new Error('The request timed out.')), deadlineMs);
      let status = 0;
      let received: IncomingHttpHeaders = {};
      let bytes = 0;
      const chunks: Buffer[] = [];
      pool.dispatch(
        { method: method as Dispatcher.HttpMethod, path, headers: { ...headers }, body: body ?? null },
        {
          onRequestStart(controller) {
            abort = (reason) => controller.abort(reason);
            if (failure !== null) controller.abort(failure);
          },
          onResponseStart(_controller, statusCode, names) {
            status = statusCode;
            received = names;
          },
          onResponseData(_controller, chunk) {
            bytes += chunk.length;
            if (bytes > largestReplyBytes) giveUp(new Error(`The response is longer than ${largestReplyBytes} bytes.`));
            else chunks.push(chunk);
          },
          onResponseEnd() {
            clearTimeout(timer);
            const [only] = chunks;
            const all = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
            resolve(read(status, received, all));
          },
          onResponseError(_controller, error) {
            clearTimeout(timer);
            reject(failure ?? error);
          },
        },
      );
    });
  }

  return {
    request: (asked) =>
      dispatch(asked, (status, headers, body) => ({
        status,
        mediaType: mediaTypeOf(headers['content-type']),
        text: body.toString('utf8'),
      })),
    pass: (asked) => dispatch(asked, (status, headers, body) => ({ status, headers, body })),
    close: () => pool.destroy(),
  };
}
