/** Why `--insecure-loopback` must not be used, or need not be. */
import type { Service } from '../../target/config/service.ts';
import { otherHosts } from '../../target/owner/hosts.ts';

/** @param services the builds to be measured, of which one that speaks TLS is enough */
export function pinFaults(services: readonly Service[]): string[] {
  const isTls = services.some(
    ({ launch, urls, certificate }) =>
      launch?.speaksTls === true || certificate !== null || urls.some(({ protocol }) => protocol === 'https:'),
  );
  const faults = services.flatMap(({ urls, origins, certificate }) => [
    ...otherHosts(urls).map((host) => `--insecure-loopback: ${host} is not this machine: name its certificate`),
    ...(certificate === null
      ? []
      : ['--insecure-loopback: /certificate already says which certificate to trust: omit one of them']),
    ...origins
      .filter(({ url }) => url.protocol === 'https:')
      .map(({ url }) => `--insecure-loopback only trusts replicas: name the certificate of ${url.origin}`),
  ]);
  return [...new Set([...faults, ...(isTls ? [] : ['--insecure-loopback needs https in urls, or start.https'])])];
}
