/** Builds request bytes once, so that the hot path only writes them. */

import type { OpenRequest } from '../open/schema.ts';
import type { PreparedRequest } from '../protocol.ts';
import type { Address } from './connection.ts';

export interface RequestSpec {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

// A character above 0xff is written as its low byte, so that U+010A would become a line feed: only bytes are accepted.
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;
const PATH_TEXT = /^\/[\x21-\x7e]*$/;

/** @throws Error when the path or a header holds what would break or split the request */
export function requestBytes(address: Address, spec: RequestSpec): Buffer {
  if (!PATH_TEXT.test(spec.path)) throw new Error(`path ${JSON.stringify(spec.path)} is not a plain absolute path`);
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const lines = [`${spec.method} ${spec.path} HTTP/1.1`, `host: ${host}:${address.port}`];
  for (const [name, value] of Object.entries(spec.headers ?? {})) {
    if (!HEADER_TEXT.test(name + value)) {
      throw new Error(
        `header ${JSON.stringify(name)} holds a line break or another character that is not allowed in a header`,
      );
    }
    lines.push(`${name}: ${value}`);
  }
  const body = spec.body === undefined ? null : Buffer.from(JSON.stringify(spec.body));
  if (body) lines.push('content-type: application/json', `content-length: ${body.length}`);
  else if (spec.method !== 'GET') lines.push('content-length: 0');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return body ? Buffer.concat([head, body]) : head;
}

/** For the open loop: each request to every address, addresses in turn. */
export function openRequests(addresses: readonly Address[], requests: readonly PreparedRequest[]): OpenRequest[] {
  return requests.flatMap((request) =>
    addresses.map((address, target) => ({
      target,
      wire: requestBytes(address, request).toString('latin1'),
      expectStatus: request.expectedStatus,
      ...(request.expectedBody === null ? {} : { expectBody: request.expectedBody }),
    })),
  );
}
