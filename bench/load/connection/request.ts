/** Builds request bytes once, so that the hot path only writes them. */

import { PROOF_HEADER } from '../../../servers/contract.ts';
import type { OpenRequest } from '../open/schema.ts';
import type { PreparedRequest } from '../protocol.ts';
import { authorityOf } from './authority.ts';
import type { Address } from './connection.ts';
import { PROOF_KEY, proofFor } from './proof.ts';
import { type Renewable, renewable } from './renewable.ts';

export interface RequestSpec {
  readonly method: string;
  readonly path: string;
  /** Headers by name. `PROOF_KEY` contains a key: the request then has a proof signed with it, instead of the key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent instead of `body`, as a form: already encoded. */
  readonly form?: string;
}

// A character above 0xff is written as its low byte, so that U+010A would become a line feed: only bytes are accepted.
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;
const PATH_TEXT = /^\/[\x21-\x7e]*$/;

/** The access token follows the name of its scheme. */
const AUTHORIZATION = /^\S+ (.+)$/;

/** The headers as they go on the wire. */
function headersFor(host: string, { certificate }: Address, spec: RequestSpec): [name: string, value: string][] {
  const { [PROOF_KEY]: key, ...headers } = spec.headers ?? {};
  if (key === undefined) return Object.entries(headers);
  const url = `${certificate === undefined ? 'http' : 'https'}://${host}${spec.path.split('?', 1)[0]}`;
  const [, token = null] = AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  return [...Object.entries(headers), [PROOF_HEADER, proofFor(key, { method: spec.method, url, token })]];
}

/** The body of a request with its type; null for none. */
export function bodyOf({ body, form }: Pick<RequestSpec, 'body' | 'form'>): { type: string; text: string } | null {
  if (form !== undefined) return { type: 'application/x-www-form-urlencoded', text: form };
  return body === undefined ? null : { type: 'application/json', text: JSON.stringify(body) };
}

/** @throws Error if the path or a header contains characters that would break or split the request */
export function requestBytes(address: Address, spec: RequestSpec): Buffer {
  if (!PATH_TEXT.test(spec.path)) throw new Error(`path ${JSON.stringify(spec.path)} is not a plain absolute path`);
  const host = authorityOf(address);
  const lines = [`${spec.method} ${spec.path} HTTP/1.1`, `host: ${host}`];
  for (const [name, value] of headersFor(host, address, spec)) {
    if (!HEADER_TEXT.test(name + value)) {
      throw new Error(
        `header ${JSON.stringify(name)} contains a line break or another character that is not allowed in a header`,
      );
    }
    lines.push(`${name}: ${value}`);
  }
  const own = bodyOf(spec);
  const body = own && Buffer.from(own.text);
  if (own && body) lines.push(`content-type: ${own.type}`, `content-length: ${body.length}`);
  else if (spec.method !== 'GET') lines.push('content-length: 0');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return body ? Buffer.concat([head, body]) : head;
}

/** A request to be sent repeatedly. @throws Error as above */
export function renewableRequest(address: Address, spec: RequestSpec): Renewable {
  return renewable(requestBytes(address, spec), spec.headers?.[PROOF_KEY]);
}

/** The bytes as plain data, with the key that renews their proof, if they have one. @throws Error as above */
export function wireRequest(
  address: Address,
  spec: RequestSpec,
): { readonly wire: string; readonly proofKey?: string } {
  const proofKey = spec.headers?.[PROOF_KEY];
  const wire = requestBytes(address, spec).toString('latin1');
  return { wire, ...(proofKey === undefined ? {} : { proofKey }) };
}

/** Requests for the open loop: each one to every address, alternating. */
export function openRequests(addresses: readonly Address[], requests: readonly PreparedRequest[]): OpenRequest[] {
  return requests.flatMap((request) =>
    addresses.map((address, target) => ({
      target,
      ...wireRequest(address, request),
      expectStatus: request.expectedStatus,
      ...(request.expectedBody === null ? {} : { expectBody: request.expectedBody }),
    })),
  );
}
