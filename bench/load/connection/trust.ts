/** Which certificate a TLS connection accepts. */
import type { ConnectionOptions } from 'node:tls';

export interface Trust {
  /** PEM: the certificate to trust, or that of who signed it. */
  readonly certificate: string;
  /** True where it is the server's own and no other is accepted, whatever name is in it and whoever signed it. */
  readonly isPinned?: boolean;
}

export function trusting({ certificate, isPinned = false }: Trust): ConnectionOptions {
  if (!isPinned) return { ca: certificate };
  return { ca: certificate, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
}
