/** Pins the certificate that a local server shows, which may be self-signed. */
import { connect } from 'node:tls';
import type { Endpoint } from '../../bench/gate/http.ts';
import { ConnectionError } from '../../bench/load/connection/connection.ts';
import { connectFault, RESOLVING } from '../../bench/load/connection/lookup.ts';
import { usageError } from '../../core/errors.ts';
import { isLoopback } from '../owner/hosts.ts';

const TIMEOUT_MS = 5_000;
const LINE = /.{1,64}/g;

/**
 * @throws ConnectionError if it shows none; TollgateError (usage) for another machine, where a man in the middle is
 * possible
 */
export function pinned({ host, port }: Endpoint): Promise<Endpoint> {
  if (!isLoopback(host))
    throw usageError(`${host} is not this machine, so its certificate is checked`, 'omit --insecure-loopback');
  return new Promise((resolve, reject) => {
    // Nothing is sent before the certificate is known; later requests go only to its owner.
    const socket = connect({ host, port, ...RESOLVING, rejectUnauthorized: false, timeout: TIMEOUT_MS });
    const fail = (why: string) => {
      socket.destroy();
      reject(new ConnectionError(`no TLS handshake with port ${port}: ${why}`));
    };
    socket.once('timeout', () => fail(`no answer within ${TIMEOUT_MS} ms`));
    socket.once('error', (error) => fail(connectFault(error)));
    socket.once('secureConnect', () => {
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      if (raw === undefined) return fail('it sent no certificate');
      const lines = raw.toString('base64').match(LINE) ?? [];
      const certificate = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
      resolve({ host, port, certificate, isPinned: true });
    });
  });
}
