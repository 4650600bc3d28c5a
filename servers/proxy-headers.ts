/** Which headers a proxy in front of a server hands on: an edge of an arm, or a balancer. */

/** Headers of one connection, and not of the request or reply (RFC 9110 §7.6.1). */
const HOP_BY_HOP =
  /^(?:connection|keep-alive|proxy-(?:authenticate|authorization|connection)|te|trailer|transfer-encoding|upgrade)$/;
/**
 * What a proxy before a server says itself, and no client: framing, where a request came from, and what our services tell each
 * other of who makes it. An underscore may be read as a hyphen behind the proxy.
 */
export const OF_A_PROXY = /^(?:content-length|expect|forwarded|x-real-ip|x-(?:forwarded|tollgate)-.*|[^_]*_.*)$/;

type Headers = Record<string, string | string[]>;

/** What a proxy hands on: not the headers of one connection, nor those that `Connection` lists, nor what is dropped. */
export function handedOn(headers: Partial<Headers>, isDropped: (name: string) => boolean = () => false): Headers {
  const listed = `${headers.connection ?? ''}`.toLowerCase().split(/\s*,\s*/);
  const kept: Headers = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !HOP_BY_HOP.test(name) && !listed.includes(name) && !isDropped(name)) kept[name] = value;
  }
  return kept;
}
