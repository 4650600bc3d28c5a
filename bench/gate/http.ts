/** Sends one request on a new connection: a well-formed one, or exactly the bytes that a check wants to send. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ConnectionError } from '../load/connection/connection.ts';
import { headerValues, type Response, ResponseReader } from '../load/connection/response.ts';
import { readSetCookie, type SetCookie } from './cookies.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** The certificate to trust, in PEM, if the replica speaks TLS. */
  readonly certificate: string | null;
}

export interface Call {
  readonly method: string;
  /** Any text without a line break, sent unchanged. */
  readonly path: string;
  /** Headers by name; a list of pairs to send a header twice. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[];
  /** Sent as JSON. */
  readonly json?: unknown;
  /** A body to send unchanged, instead of `json`. */
  readonly body?: { readonly type: string; readonly text: string };
}

/** A complete response. */
export interface Answer {
  readonly status: number;
  /** Returns every value of a header, in order. */
  readonly all: (header: string) => string[];
  /** Returns the first value of a header, or null. */
  readonly header: (header: string) => string | null;
  readonly cookies: readonly SetCookie[];
  readonly text: string;
  /** The body as JSON; undefined if it is not JSON. */
  readonly json: unknown;
  /** performance.now() when the request was sent, and when it was answered. */
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

const TIMEOUT_MS = 10_000;

/** Returns the bytes of a request. Header text is encoded as latin1, so that any byte can be sent. */
export function bytesOf(endpoint: Endpoint, call: Call): Buffer {
  const headers = Array.isArray(call.headers) ? call.headers : Object.entries(call.headers ?? {});
  const body = call.body ?? (call.json === undefined ? null : jsonBody(call.json));
  const lines = [
    `${call.method} ${call.path} HTTP/1.1`,
    `host: ${endpoint.host}:${endpoint.port}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  const text = Buffer.from(body?.text ?? '');
  if (body !== null) lines.push(`content-type: ${body.type}`);
  if (body !== null || call.method !== 'GET') lines.push(`content-length: ${text.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), text]);
}

const jsonBody = (value: unknown) => ({ type: 'application/json', text: JSON.stringify(value) });

function read(response: Response, sentAtMs: number): Answer {
  const text = response.body.toString();
  const all = (name: string) => headerValues(response.head, name);
  return {
    status: response.status,
    all,
    header: (name) => all(name)[0] ?? null,
    cookies: all('set-cookie').flatMap((line) => readSetCookie(line) ?? []),
    text,
    json: parse(text),
    sentAtMs,
    answeredAtMs: performance.now(),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function open({ host, port, certificate }: Endpoint): Socket {
  if (certificate === null) return connect({ host, port, noDelay: true });
  return connectTls({ host, port, ca: certificate, minVersion: 'TLSv1.2' });
}

/**
 * Sends bytes and reads one response.
 * @returns null if the server closed the connection without a response
 * @throws ConnectionError if the connection is refused or the answer is late; ProtocolError if the answer is not HTTP
 */
export function exchange(endpoint: Endpoint, bytes: Buffer, timeoutMs = TIMEOUT_MS): Promise<Answer | null> {
  return new Promise((resolve, reject) => {
    const reader = new ResponseReader();
    const socket = open(endpoint);
    let sentAtMs = performance.now();
    let isConnected = false;
    const settle = (finish: () => void) => {
      socket.destroy();
      finish();
    };
    const closed = () => {
      const last = reader.end();
      settle(() => resolve(last === null ? null : read(last, sentAtMs)));
    };
    socket.setTimeout(timeoutMs, () =>
      settle(() => reject(new ConnectionError(`no answer within ${timeoutMs} ms from port ${endpoint.port}`))),
    );
    socket.once(endpoint.certificate === null ? 'connect' : 'secureConnect', () => {
      isConnected = true;
      sentAtMs = performance.now();
      socket.write(bytes);
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        const response = reader.push(chunk);
        if (response !== null) settle(() => resolve(read(response, sentAtMs)));
      } catch (error) {
        settle(() => reject(error));
      }
    });
    // A server that refuses a request may reset the connection instead of closing it.
    socket.once('error', (error) => {
      if (isConnected) closed();
      else settle(() => reject(new ConnectionError(`cannot connect to port ${endpoint.port}: ${error.message}`)));
    });
    socket.once('end', closed);
  });
}

/** Sends a request that must be answered. @throws ConnectionError if the server closes the connection instead */
export async function call(endpoint: Endpoint, asked: Call, timeoutMs?: number): Promise<Answer> {
  const answer = await exchange(endpoint, bytesOf(endpoint, asked), timeoutMs);
  if (answer === null) {
    throw new ConnectionError(`${asked.method} was not answered: the server closed the connection`);
  }
  return answer;
}
