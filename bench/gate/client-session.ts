/** What a client holds after a login, and the ways in which an attacker would change it. Plain data; nothing is sent here. */
import { Compile } from 'typebox/compile';
import { CSRF_HEADER, LoginReply } from '../../servers/contract.ts';
import type { User } from '../fleet/secrets.ts';
import type { Answer } from './http.ts';

export interface Cookie {
  readonly name: string;
  readonly value: string;
}

export interface ClientSession {
  readonly user: User;
  readonly cookies: readonly Cookie[];
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
  readonly csrfToken: string | null;
  readonly expiresInSeconds: number | null;
  /** The reply to the login or refresh that gave it. */
  readonly reply: Answer;
}

const loginReply = Compile(LoginReply);

/** @throws Error where the reply is not what the contract says; the message holds nothing of it */
export function clientSessionFrom(user: User, reply: Answer): ClientSession {
  const { status, json } = reply;
  if (status !== 200 || !loginReply.Check(json)) throw new Error(`the login was answered with ${status}`);
  return {
    user,
    cookies: reply.cookies.filter(({ deletes }) => !deletes).map(({ name, value }) => ({ name, value })),
    accessToken: json.accessToken ?? null,
    refreshToken: json.refreshToken ?? null,
    csrfToken: json.csrfToken ?? null,
    expiresInSeconds: json.expiresInSeconds ?? null,
    reply,
  };
}

/** Header lines that carry the credential; for `write` with the proof that another site could not give. */
export function headersOf(held: ClientSession, purpose: 'read' | 'write' = 'read'): Record<string, string> {
  const headers: Record<string, string> = {};
  if (held.cookies.length > 0) headers.cookie = held.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  if (held.accessToken !== null) headers.authorization = `Bearer ${held.accessToken}`;
  if (purpose === 'write' && held.csrfToken !== null) headers[CSRF_HEADER] = held.csrfToken;
  return headers;
}

/** As a browser does: cookies that an answer sets replace those of the same name, deleted ones are dropped. */
export function follow(held: ClientSession, answer: Answer): ClientSession {
  const cookies = new Map(held.cookies.map(({ name, value }) => [name, value]));
  for (const { name, value, deletes } of answer.cookies) {
    if (deletes) cookies.delete(name);
    else cookies.set(name, value);
  }
  return { ...held, cookies: [...cookies].map(([name, value]) => ({ name, value })) };
}

/** The secret that authenticates: the value of the cookie, or the access token. Null where the client holds neither. */
export function secretOf(held: ClientSession): string | null {
  return held.accessToken ?? held.cookies[0]?.value ?? null;
}

/** The same with another secret in its place: in the cookie where it stands there, else as the access token. */
export function withSecret(held: ClientSession, secret: string): ClientSession {
  const [first, ...others] = held.cookies;
  if (held.accessToken !== null || first === undefined) return { ...held, accessToken: secret };
  return { ...held, cookies: [{ ...first, value: secret }, ...others] };
}

/** Everything that must never be seen in a log, a result or a detail. */
export function secretsIn(held: ClientSession): string[] {
  return [held.accessToken, held.refreshToken, held.csrfToken, ...held.cookies.map(({ value }) => value)].flatMap(
    (secret) => secret ?? [],
  );
}
