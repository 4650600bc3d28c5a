/** `Set-Cookie` as a browser reads it (RFC 6265bis §5.6). */

export interface SetCookie {
  readonly name: string;
  /** The value as sent, encoded or not. */
  readonly value: string;
  /** Attributes by name in lower case; a flag such as `HttpOnly` has the value ''. The last of duplicates counts. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The bytes of name and value together, which browsers limit to 4,096. */
  readonly pairBytes: number;
  /** True if it deletes the cookie in the browser. */
  readonly deletes: boolean;
}

/** @returns null for a line that a browser ignores */
export function readSetCookie(line: string, nowMs = Date.now()): SetCookie | null {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
  const equals = pair.indexOf('=');
  if (equals <= 0) return null;
  const name = pair.slice(0, equals);
  const value = pair.slice(equals + 1);
  const attributes = new Map<string, string>();
  for (const part of rest) {
    const at = part.indexOf('=');
    if (at < 0) attributes.set(part.toLowerCase(), '');
    else attributes.set(part.slice(0, at).toLowerCase(), part.slice(at + 1));
  }
  return {
    name,
    value,
    attributes,
    pairBytes: Buffer.byteLength(name, 'latin1') + Buffer.byteLength(value, 'latin1'),
    deletes: isDeletion(attributes, nowMs),
  };
}

/** A cookie's value without its percent-encoding; the value as it is where it has none. */
export function decodedValue(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Max-Age takes precedence over Expires. */
function isDeletion(attributes: ReadonlyMap<string, string>, nowMs: number): boolean {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0;
  const expires = attributes.get('expires');
  return expires !== undefined && Date.parse(expires) <= nowMs;
}
