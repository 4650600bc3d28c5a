/** A host and port in the form of a URL and a `Host` header, and the host of a URL in the form of a socket. Pure. */

/** @param host a name or an address, without brackets @returns an IPv6 address in brackets: `[::1]:3000` */
export function authorityOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** @returns an IPv6 address without its brackets: `::1` */
export function hostOf({ hostname }: Pick<URL, 'hostname'>): string {
  return hostname.replace(/^\[|\]$/g, '');
}
