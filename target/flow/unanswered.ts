/** What to do about a request that got no answer, by what truly happened. */
import { connect as connectTls } from 'node:tls';
import type { Endpoint } from '../../bench/gate/http.ts';
import { authorityOf } from '../../bench/load/connection/authority.ts';
import { ClosedError } from '../../bench/load/connection/connection.ts';
import { LOOPBACK, RESOLVING } from '../../bench/load/connection/lookup.ts';
import { ProtocolError } from '../../bench/load/connection/response.ts';
import { messageOf } from '../../core/errors.ts';
import { inertLine } from '../../core/inert.ts';
import { receiverOf, type ServiceCall } from './endpoint.ts';
import { listeningAt } from './listening.ts';

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
  const isForeign =
    (error instanceof ClosedError && /^(?:foreign|nothing)$/.test(error.unfinished.part)) ||
    (error instanceof ProtocolError && fault.startsWith(NOT_HTTP));
  if (isForeign && endpoint.certificate === null && (await speaksTls(endpoint)))
    return 'it speaks HTTPS on this port: use https://';
  if (error instanceof ClosedError) return hintForClosed(error);
  if (error instanceof ProtocolError) {
    if (fault.startsWith(NOT_HTTP)) return ONLY_HTTP1;
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

const NOT_HTTP = 'not an HTTP/1.1 response';
const ONLY_HTTP1 = 'the service must support HTTP/1.1; HTTP/2 alone is not enough';

function hintForClosed({ unfinished: { part } }: ClosedError): string {
  if (part === 'foreign') return ONLY_HTTP1;
  return part === 'nothing'
    ? 'see the output of the service; HTTP/2 alone is not supported'
    : 'see the output of the service: it ended the response before it was complete';
}

/** @returns the other loopback address, if something listens on this port there; null otherwise */
async function otherLoopback({ host, port }: Endpoint): Promise<{ host: string; port: number } | null> {
  const others = LOOPBACK.filter(({ address }) => address !== host);
  const [other] = others;
  if (others.length !== 1 || other === undefined) return null;
  return (await listeningAt(other.address, port, PROBE_MS)) === 'yes' ? { host: other.address, port } : null;
}

/** Whether it answers a TLS handshake, whatever its certificate: nothing is sent to it. */
function speaksTls({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, ...RESOLVING, rejectUnauthorized: false, timeout: PROBE_MS });
    const settle = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('secureConnect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}
