/** Writes the credential of another user, as anybody can if credentials are neither signed nor random. Pure. */
import { createHash } from 'node:crypto';
import { decodedValue } from '../../bench/gate/cookies.ts';

/** A credential, and the name of its user. */
export interface Given {
  readonly secret: string;
  readonly username: string;
}

interface Codec {
  /** @returns null if the text does not have this form */
  decode(text: string): string | null;
  encode(text: string): string;
}

const binary = (encoding: 'base64' | 'base64url' | 'hex', form: RegExp): Codec => ({
  decode: (text) => (form.test(text) ? readable(Buffer.from(text, encoding)) : null),
  encode: (text) => Buffer.from(text).toString(encoding),
});

const CODECS: readonly Codec[] = [
  { decode: (text) => text, encode: (text) => text },
  binary('base64', /^[A-Za-z0-9+/]{4,}={0,2}$/),
  binary('base64url', /^[\w-]{4,}$/),
  binary('hex', /^(?:[0-9a-f]{2}){2,}$/i),
];

/** Random bytes are hardly ever text. */
function readable(bytes: Buffer): string | null {
  const text = bytes.toString();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they show that it is no text
  return /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text) ? null : text;
}

const isJson = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : null;
  } catch {
    return null;
  }
}

/** A number below this may be a user's. A time is larger, and so is a random number of a session. */
const LARGEST_GUESSED = 1_000_000;

const SYNTAX = /[\\^$.*+?()[\]{}|/]/g;

/** Returns the first value with what can be guessed of the second: names and small numbers. */
function exchanged(own: unknown, other: unknown, names: readonly [own: string, other: string]): unknown {
  if (own === names[0]) return names[1];
  if (typeof own === 'string') return withName(own, names);
  if (typeof own === 'number' && typeof other === 'number') return other < LARGEST_GUESSED ? other : own;
  if (!isJson(own) || !isJson(other)) return own;
  const entries = Object.entries(own).map(([name, value]) => [name, exchanged(value, other[name], names)] as const);
  return Array.isArray(own) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

/** Only as a whole word: the name may occur within a random text by chance. */
function withName(text: string, [own, other]: readonly [string, string]): string {
  const at = new RegExp(`(?<![\\p{L}\\p{N}])${own.replace(SYNTAX, '\\$&')}(?![\\p{L}\\p{N}])`, 'gu');
  return text.replace(at, () => other);
}

/**
 * @returns the first credential with its user replaced by that of the second, in every usual encoding; none if it contains
 * nothing readable about its user
 */
export function forgedFrom(own: Given, other: Given): string[] {
  const names = [own.username, other.username] as const;
  const isEscaped = own.secret.includes('%');
  const [text, another] = [own.secret, other.secret].map((secret) => (isEscaped ? decodedValue(secret) : secret));
  if (text === undefined || another === undefined) return [];
  const forged = CODECS.flatMap(({ decode, encode }) => {
    const [plain, otherPlain] = [decode(text), decode(another)];
    if (plain === null) return [];
    const json = parsed(plain);
    const changed =
      json === null
        ? withName(plain, names)
        : JSON.stringify(exchanged(json, otherPlain === null ? null : parsed(otherPlain), names));
    const isSame = changed === (json === null ? plain : JSON.stringify(json));
    return isSame ? [] : [isEscaped ? encodeURIComponent(encode(changed)) : encode(changed)];
  });
  return [...new Set(forged)].filter((secret) => secret !== own.secret);
}

const HASHES = ['md5', 'sha1', 'sha256', 'sha512'];
const ENCODINGS = ['hex', 'base64', 'base64url'] as const;

/** Whether a credential is the username, or a usual hash of it alone. */
export function isMadeOfName({ secret, username }: Given): boolean {
  const value = decodedValue(secret);
  return (
    value === username ||
    HASHES.some((hash) => ENCODINGS.some((encoding) => createHash(hash).update(username).digest(encoding) === value))
  );
}
