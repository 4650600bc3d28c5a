/** Sends one request on a new connection: a well-formed one, or exactly the bytes that a check wants to send. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { brotliDecompressSync, inflateSync, unzipSync, zstdDecompressSync } from 'node:zlib';
import { authorityOf } from '../load/connection/authority.ts';
import { ClosedError, ConnectionError } from '../load/connection/connection.ts';
import { connectFault, RESOLVING } from '../load/connection/lookup.ts';
import { ResponseReader } from '../load/connection/reader.ts';
import { headerValues, ProtocolError, type Response } from '../load/connection/response.ts';
import { trusting } from '../load/connection/trust.ts';
import { readSetCookie, type SetCookie } from './cookies.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** The certificate to trust, in PEM, if the replica speaks TLS. */
  readonly certificate: string | null;
  /** True if the certificate is the server's own, so that its name is not checked. */
  readonly isPinned?: boolean;
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
  /** Runs once the head was sent; the body is sent after it. For a request that has a body. */
  readonly beforeBody?: () => Promise<void>;
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
const HEAD_END = '\r\n\r\n';

/** Returns the bytes of a request. Header text is encoded as latin1, so that any byte can be sent. */
export function bytesOf(endpoint: Endpoint, call: Call): Buffer {
  const headers = Array.isArray(call.headers) ? call.headers : Object.entries(call.headers ?? {});
  const body = call.body ?? (call.json === undefined ? null : jsonBody(call.json));
  const lines = [
    `${call.method} ${call.path} HTTP/1.1`,
    `host: ${authorityOf(endpoint)}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  const text = Buffer.from(body?.text ?? '');
  if (body !== null) lines.push(`content-type: ${body.type}`);
  if (body !== null || call.method !== 'GET') lines.push(`content-length: ${text.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), text]);
}

const jsonBody = (value: unknown) => ({ type: 'application/json', text: JSON.stringify(value) });

const MOST_DECODED_BYTES = 16 * 1024 * 1024;
/** Some servers compress without being asked. */
const DECODERS: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: unzipSync,
  'x-gzip': unzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** @throws ProtocolError if the body does not match its encoding, is cut short, or is too large once decoded */
function decoded(body: Buffer, encodings: readonly string[]): Buffer {
  const names = encodings.flatMap((value) => value.toLowerCase().split(',')).map((name) => name.trim());
  let bytes = body;
  for (const name of names.toReversed()) {
    const decode = Object.entries(DECODERS).find(([known]) => known === name)?.[1];
    if (decode === undefined || bytes.length === 0) continue;
    try {
      bytes = decode(bytes, { maxOutputLength: MOST_DECODED_BYTES });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code === 'ERR_BUFFER_TOO_LARGE')
        throw new ProtocolError(`response body exceeds ${MOST_DECODED_BYTES} bytes once decoded`);
      throw new ProtocolError(
        code === 'Z_BUF_ERROR'
          ? `response body ended within its ${name} data, after ${bytes.length} bytes`
          : `response body is not ${name}`,
      );
    }
  }
  return bytes;
}

/**
 * A response with its body decoded. @throws ProtocolError if the body does not match its encoding, or is too large
 * once decoded
 */
export function answerOf(response: Response, sentAtMs = performance.now()): Answer {
  const all = (name: string) => headerValues(response.head, name);
  const text = decoded(response.body, all('content-encoding')).toString();
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

function open({ host, port, certificate, isPinned = false }: Endpoint): Socket {
  if (certificate === null) return connect({ host, port, ...RESOLVING, noDelay: true });
  return connectTls({ host, port, ...RESOLVING, ...trusting({ certificate, isPinned }), minVersion: 'TLSv1.2' });
}

/** Sends the head of a request, and the rest after `meanwhile`. */
export interface Halt {
  readonly headBytes: number;
  readonly meanwhile: () => Promise<void>;
}

/**
 * Sends bytes and reads one response.
 * @returns null if the server closed the connection without a complete response
 * @throws ConnectionError if the connection is refused or the answer is late; ProtocolError if the answer is not HTTP
 */
export async function exchange(endpoint: Endpoint, bytes: Buffer, timeoutMs?: number): Promise<Answer | null> {
  const answer = await answerTo(endpoint, bytes, timeoutMs);
  return answer instanceof ClosedError ? null : answer;
}

/** The same, and how far the response came if the server closed the connection. */
function answerTo(
  endpoint: Endpoint,
  bytes: Buffer,
  timeoutMs = TIMEOUT_MS,
  halt?: Halt,
): Promise<Answer | ClosedError> {
  return new Promise((resolve, reject) => {
    const reader = new ResponseReader();
    const socket = open(endpoint);
    let sentAtMs = performance.now();
    let isConnected = false;
    // A time-out for the whole exchange: a server that sends a byte now and then would never be idle.
    const timer = setTimeout(
      () => settle(() => reject(new ConnectionError(`no answer within ${timeoutMs} ms from port ${endpoint.port}`))),
      timeoutMs,
    );
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      finish();
    };
    const answered = (response: Response) => {
      let answer: Answer;
      try {
        answer = answerOf(response, sentAtMs);
      } catch (error) {
        return settle(() => reject(error));
      }
      settle(() => resolve(answer));
    };
    const closed = (verb: 'closed' | 'reset') => {
      const { unfinished } = reader;
      const last = reader.end();
      if (last === null) settle(() => resolve(new ClosedError(unfinished, verb)));
      else answered(last);
    };
    socket.once(endpoint.certificate === null ? 'connect' : 'secureConnect', () => {
      isConnected = true;
      sentAtMs = performance.now();
      if (halt === undefined) {
        socket.write(bytes);
        return;
      }
      socket.write(bytes.subarray(0, halt.headBytes));
      halt.meanwhile().then(
        () => socket.write(bytes.subarray(halt.headBytes)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        const response = reader.push(chunk);
        if (response !== null) answered(response);
      } catch (error) {
        settle(() => reject(error));
      }
    });
    // A server that refuses a request may reset the connection instead of closing it.
    socket.once('error', (error) => {
      if (isConnected) closed('reset');
      else settle(() => reject(new ConnectionError(`cannot connect to port ${endpoint.port}: ${connectFault(error)}`)));
    });
    socket.once('end', () => closed('closed'));
  });
}

/** Sends a request that must be answered. @throws ClosedError if the server closes the connection instead */
export async function call(endpoint: Endpoint, asked: Call, timeoutMs?: number): Promise<Answer> {
  const bytes = bytesOf(endpoint, asked);
  const { beforeBody: meanwhile } = asked;
  const halt = meanwhile && { headBytes: bytes.indexOf(HEAD_END) + HEAD_END.length, meanwhile };
  const answer = await answerTo(endpoint, bytes, timeoutMs, halt);
  if (answer instanceof ClosedError) throw answer;
  return answer;
}
