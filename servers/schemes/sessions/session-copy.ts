/**
 * A copy of a session in a client's cookie: the record, and when it was read, signed. A copy is bound to one session
 * cookie: the signature covers that cookie's whole value, so a copy works with no other session, and one check
 * verifies both cookies.
 */

import type { Secrets } from '../../configuration.ts';
import { createSigner, SIGNATURE_LENGTH } from '../../hmac.ts';
import { secretBytes } from '../../keys.ts';
import { readRecord, type SessionRecord } from '../../stores/session-record.ts';

export interface SessionCopy extends SessionRecord {
  /** When the read of the store was sent, in ms since the epoch: the session may have ended since. */
  readonly askedAtMs: number;
}

export interface SessionCopies {
  /** Returns the value of the second cookie. */
  seal(sessionCookie: string, copy: SessionCopy): string;
  /** Returns the copy, whatever its age; null if it is damaged, altered, or bound to another session cookie. */
  open(sessionCookie: string, value: string): SessionCopy | null;
}

/** The longest value that is read. */
const LONGEST_COPY = 4_096;
/**
 * When the store was asked, in base 36, and the record. Decoding ignores other characters, which would allow
 * alternative encodings of a copy.
 */
const CONTENT = /^([0-9a-z]{1,11})\.([A-Za-z0-9_-]+)$/;

/** The label separates these signatures from others made with the same key. */
const signedText = (sessionCookie: string, content: string) => `copy\0${sessionCookie}\0${content}`;

/** Uses the cookie keys of `secrets`; copies that the previous key signed are still accepted. */
export function sessionCopies(secrets: Secrets): SessionCopies {
  const signer = createSigner(secretBytes(secrets.cookieKey, 'cookieKey'));
  const old = secrets.previous?.cookieKey;
  const previous = old === undefined ? null : createSigner(secretBytes(old, 'previous.cookieKey'));

  return {
    seal(sessionCookie, { askedAtMs, ...record }) {
      const content = `${askedAtMs.toString(36)}.${Buffer.from(JSON.stringify(record)).toString('base64url')}`;
      return `${content}.${signer.sign(signedText(sessionCookie, content))}`;
    },
    open(sessionCookie, value) {
      const dot = value.length - SIGNATURE_LENGTH - 1;
      if (dot < 1 || dot > LONGEST_COPY || value[dot] !== '.') return null;
      const content = value.slice(0, dot);
      const [text, signature] = [signedText(sessionCookie, content), value.slice(dot + 1)];
      if (!signer.matches(text, signature) && previous?.matches(text, signature) !== true) return null;
      return readContent(content);
    },
  };
}

/** Parses a copy without its signature; null for anything else. */
export function readContent(content: string): SessionCopy | null {
  const [, asked = '', encoded = ''] = CONTENT.exec(content) ?? [];
  const record = readRecord(Buffer.from(encoded, 'base64url').toString());
  return record?.user === undefined ? null : { ...record, askedAtMs: Number.parseInt(asked, 36) };
}
