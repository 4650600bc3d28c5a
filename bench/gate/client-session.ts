/** A client session: what a client holds after login, and the ways in which an attacker would change it. Pure data. */
import { Compile } from 'typebox/schema';
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
  /** Absent for a bearer token. */
  readonly tokenType?: 'DPoP';
  readonly refreshToken: string | null;
  readonly csrfToken: string | null;
  readonly expiresInSeconds: number | null;
  /** The reply to the login or refresh that created it. */
  readonly reply: Answer;
}

const loginReply = Compile(LoginReply);

/** @throws Error if the reply does not match the contract; the message does not quote it */
export function clientSessionFrom(user: User, reply: Answer): ClientSession {
  const { status, json } = reply;
  if (status !== 200 || !loginReply.Check(json)) throw new Error(`the login returned ${status}`);
  return {
    user,
    cookies: reply.cookies.filter(({ deletes }) => !deletes).map(({ name, value }) => ({ name, value })),
    accessToken: json.accessToken ?? null,
    ...(json.tokenType === undefined ? {} : { tokenType: json.tokenType }),
    refreshToken: json.refreshToken ?? null,
    csrfToken: json.csrfToken ?? null,
    expiresInSeconds: json.expiresInSeconds ?? null,
    reply,
  };
}

/** Returns the headers that carry the credential; for `write` also the CSRF token. */
export function headersOf(session: ClientSession, purpose: 'read' | 'write' = 'read'): Record<string, string> {
  const headers: Record<string, string> = {};
  if (session.cookies.length > 0)
    headers.cookie = session.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  if (session.accessToken !== null) headers.authorization = `${session.tokenType ?? 'Bearer'} ${session.accessToken}`;
  if (purpose === 'write' && session.csrfToken !== null) headers[CSRF_HEADER] = session.csrfToken;
  return headers;
}

/** Updates cookies as a browser does: cookies of an answer replace those of the same name, and deleted ones are dropped. */
export function follow(session: ClientSession, answer: Answer): ClientSession {
  const cookies = new Map(session.cookies.map(({ name, value }) => [name, value]));
  for (const { name, value, deletes } of answer.cookies) {
    if (deletes) cookies.delete(name);
    else cookies.set(name, value);
  }
  return { ...session, cookies: [...cookies].map(([name, value]) => ({ name, value })) };
}

/** Returns the secret that authenticates: the cookie's value or the access token. Null if the client has neither. */
export function secretOf(session: ClientSession): string | null {
  return session.accessToken ?? session.cookies[0]?.value ?? null;
}

/** Returns the session with another secret, in the cookie if the credential is one, else as the access token. */
export function withSecret(session: ClientSession, secret: string): ClientSession {
  const [first, ...others] = session.cookies;
  if (session.accessToken !== null || first === undefined) return { ...session, accessToken: secret };
  return { ...session, cookies: [{ ...first, value: secret }, ...others] };
}

/** Returns everything that must never appear in a log, a result or a detail. */
export function secretsIn(session: ClientSession): string[] {
  return [
    session.accessToken,
    session.refreshToken,
    session.csrfToken,
    ...session.cookies.map(({ value }) => value),
  ].flatMap((secret) => secret ?? []);
}
