/** What to do about a request that got no answer, by what truly happened. */
import { connect } from 'node:net';
import type { Endpoint } from '../../bench/gate/http.ts';
import { authorityOf } from '../../bench/load/connection/authority.ts';
import { ClosedError } from '../../bench/load/connection/connection.ts';
import { LOOPBACK } from '../../bench/load/connection/lookup.ts';
import { ProtocolError } from '../../bench/load/connection/response.ts';
import { messageOf } from '../../core/errors.ts';
import { inertLine } from '../../core/inert.ts';
import { receiverOf, type ServiceCall } from './endpoint.ts';

const LONGEST_FAULT = 160;
const PROBE_MS = 500;

/** What happened, in one line. */
export const shownFault = (error: unknown): string => {
  const line = inertLine(messageOf(error));
  return line.length > LONGEST_FAULT ? `${line.slice(0, LONGEST_FAULT - 1)}…` : line;
};

/** @param replica for requests that name no other origin */
export async function hintFor(error: Error, asked: ServiceCall, replica: Endpoint): Promise<string> {
  const fault = messageOf(error);
  const endpoint = receiverOf(asked, replica);
  if (error instanceof ClosedError) return hintForClosed(error, endpoint);
  if (error instanceof ProtocolError) {
    if (fault.startsWith('not an HTTP/1.1 response')) return ONLY_HTTP1;
    return /exceeds/.test(fault)
      ? 'the service may send at most 64 KiB of headers and 16 MiB of body'
      : 'correct the length, the framing or the encoding of its response';
  }
  if (/certificate|altname|self.signed/i.test(fault))
    return 'set certificate to its certificate or issuer; on this machine, --insecure-loopback also works';
  if (endpoint.certificate !== null && /wrong version number|packet length too long|http request/i.test(fault))
    return 'it does not speak HTTPS on this port: use http://';
  const other = /ECONNREFUSED/.test(fault) ? await otherLoopback(endpoint) : null;
  if (other !== null) {
    const scheme = endpoint.certificate === null ? 'http' : 'https';
    return `it listens on ${other.host} only: use ${scheme}://${authorityOf(other)}, or ${scheme}://localhost:${other.port}`;
  }
  return `check that ${asked.to === undefined ? 'the service' : asked.to.url.origin} is running on this port`;
}

const ONLY_HTTP1 = 'the service must support HTTP/1.1; HTTP/2 alone is not enough';

function hintForClosed({ unfinished: { part } }: ClosedError, { certificate }: Endpoint): string {
  if (part === 'foreign') return ONLY_HTTP1;
  if (part !== 'nothing') return 'see the output of the service: it ended the response before it was complete';
  return certificate === null
    ? 'see the output of the service; if it speaks HTTPS, use https://; HTTP/2 alone is not supported'
    : 'see the output of the service; HTTP/2 alone is not supported';
}

/** @returns the other loopback address, if something listens on this port there; null otherwise */
async function otherLoopback({ host, port }: Endpoint): Promise<{ host: string; port: number } | null> {
  const others = LOOPBACK.filter(({ address }) => address !== host);
  const [other] = others;
  if (others.length !== 1 || other === undefined) return null;
  return (await listens(other.address, port)) ? { host: other.address, port } : null;
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PROBE_MS });
    const settle = (does: boolean) => {
      socket.destroy();
      resolve(does);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}
