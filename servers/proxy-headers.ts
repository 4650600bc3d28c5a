/** Which headers a proxy in front of a server forwards: an edge of an arm, or a balancer. */

/** Hop-by-hop headers (RFC 9110 §7.6.1). */
const HOP_BY_HOP =
  /^(?:connection|keep-alive|proxy-(?:authenticate|authorization|connection)|te|trailer|transfer-encoding|upgrade)$/;
/**
 * Headers that only a proxy in front of a server may set, and no client: framing, the source of a request, and the
 * identity headers of our services. An underscore may be read as a hyphen behind the proxy.
 */
export const OF_A_PROXY = /^(?:content-length|expect|forwarded|x-real-ip|x-(?:forwarded|tollgate)-.*|[^_]*_.*)$/;

type Headers = Record<string, string | string[]>;

/** The headers that a proxy forwards: without hop-by-hop headers, those that `Connection` lists, and dropped ones. */
export function handedOn(headers: Partial<Headers>, isDropped: (name: string) => boolean = () => false): Headers {
  // Not by a pattern with blanks: it would begin anew at each of thousands, and every client may send them.
  const listed = `${headers.connection ?? ''}`
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const kept: Headers = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !HOP_BY_HOP.test(name) && !listed.includes(name) && !isDropped(name)) kept[name] = value;
  }
  return kept;
}
