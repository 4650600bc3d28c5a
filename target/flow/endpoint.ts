/** Where requests of a service go: to one of its replicas, or to another origin of the configuration. Pure. */
import { rootCertificates } from 'node:tls';
import type { Call, Endpoint } from '../../bench/gate/http.ts';
import { hostOf } from '../../bench/load/connection/authority.ts';
import type { Origin } from '../config/origins.ts';

/** A request; `to` is where it goes in place of the replica. */
export interface ServiceCall extends Call {
  readonly to?: Origin;
}

export function endpointOf(url: URL, certificate: string | null): Endpoint {
  const isTls = url.protocol === 'https:';
  return {
    host: hostOf(url),
    port: Number(url.port || (isTls ? 443 : 80)),
    certificate: isTls ? (certificate ?? rootCertificates.join('\n')) : null,
  };
}

/** @param replica for all requests that name no other origin */
export const receiverOf = ({ to }: ServiceCall, replica: Endpoint): Endpoint =>
  to === undefined ? replica : endpointOf(to.url, to.certificate);
