/** Builds request bytes once, so that the hot path only writes them. */
import type { Address } from './connection.ts';

export interface RequestSpec {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** @throws Error when a header would smuggle a line break into the request */
export function requestBytes(address: Address, spec: RequestSpec): Buffer {
  const lines = [`${spec.method} ${spec.path} HTTP/1.1`, `host: ${address.host}:${address.port}`];
  for (const [name, value] of Object.entries(spec.headers ?? {})) {
    if (/[\r\n]/.test(name + value)) throw new Error(`header ${JSON.stringify(name)} holds a line break`);
    lines.push(`${name}: ${value}`);
  }
  const body = spec.body === undefined ? null : Buffer.from(JSON.stringify(spec.body));
  if (body) lines.push('content-type: application/json', `content-length: ${body.length}`);
  else if (spec.method !== 'GET') lines.push('content-length: 0');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return body ? Buffer.concat([head, body]) : head;
}
