/** Which certificate a TLS connection accepts. */
import type { ConnectionOptions } from 'node:tls';

export interface Trust {
  /** PEM: the certificate to trust, or that of its issuer. */
  readonly certificate: string;
  /** True if it is the server's own: no other is accepted, and neither its name nor its signature is checked. */
  readonly isPinned?: boolean;
}

export function trusting({ certificate, isPinned = false }: Trust): ConnectionOptions {
  if (!isPinned) return { ca: certificate };
  return { ca: certificate, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
}
