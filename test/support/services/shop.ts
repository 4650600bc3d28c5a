/**
 * A small service of the kind that users bring: sessions in a cookie, a bearer token, or a token in a cookie, selected by
 * KIND. Replicas share their state in a folder, STATE. FAULTS plants some: url, rotation, alg, logout, httponly, throws,
 * store, dies, crashes, sinks. With TLS, each replica signs its own certificate.
 */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificate } from '../../../bench/fleet/certificate.ts';

const { KIND = 'session', STATE = '/nowhere', SECRET = '', PASSWORD = '', PORT = '0', LIFE = '3600' } = process.env;
const faults = new Set((process.env.FAULTS ?? '').split(','));
const USERS = ['alice', 'bob', 'root'];
const COOKIE = KIND === 'session' ? 'sid' : 'token';

interface Session {
  readonly user: string;
  readonly id: string;
}

/** Enough for the checks, and for a part of the load. */
const MOST_SERVED = 2_000;
let served = 0;
/** With this many queued requests, a shop that sinks under load stays slower for good. */
const SINKS_AT = 100;
const SLOWER_MS = 300;
let waiting = 0;
let hasSunk = false;
let turn: Promise<void> = Promise.resolve();
const ended = new Set<string>();
const fileOf = (id: string) => join(STATE, `${KIND === 'session' ? 'session' : 'ended'}-${id}`);
const markOf = (user: string) => join(STATE, `disabled-${user}`);
const isId = (text: string) => /^[0-9a-f-]{36}$/.test(text);
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HASHES: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

function issue(user: string): string {
  const id = randomUUID();
  if (KIND === 'session') {
    writeFileSync(fileOf(id), user);
    return id;
  }
  const now = Math.floor(Date.now() / 1000);
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: user, jti: id, iat: now, exp: now + Number(LIFE) })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

function fromToken(token: string): Session | null {
  const parts = token.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3) return null;
  if (parts.some((part) => Buffer.from(part, 'base64url').toString('base64url') !== part)) return null;
  const json = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
  const { alg, crit } = json(header) as { alg?: unknown; crit?: unknown };
  const claims = json(payload) as { sub?: unknown; jti?: unknown; exp?: unknown; nbf?: unknown };
  if (!(faults.has('alg') && alg === 'none')) {
    const hash = faults.has('alg') ? HASHES[String(alg)] : alg === 'HS256' ? 'sha256' : undefined;
    if (hash === undefined) return null;
    const right = createHmac(hash, SECRET).update(`${header}.${payload}`).digest();
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
  }
  if (crit !== undefined || (claims.nbf !== undefined && Number(claims.nbf) * 1000 > Date.now())) return null;
  if (typeof claims.exp !== 'number' || claims.exp * 1000 < Date.now()) return null;
  const id = String(claims.jti);
  return isId(id) && !ended.has(id) && !existsSync(fileOf(id)) ? { user: String(claims.sub), id } : null;
}

function fromId(id: string): Session | null {
  if (!isId(id) || ended.has(id) || !existsSync(fileOf(id))) return null;
  return { user: readFileSync(fileOf(id), 'utf8'), id };
}

function sessionOf(request: IncomingMessage, url: URL): Session | null {
  const cookie = new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(request.headers.cookie ?? '')?.[1];
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  const inUrl = faults.has('url') ? (url.searchParams.get('token') ?? undefined) : undefined;
  const text = inUrl ?? (KIND === 'bearer' ? bearer : cookie);
  if (text === undefined) return null;
  if (faults.has('throws') && text.length > 4_000) throw new Error('too long');
  try {
    return KIND === 'session' ? fromId(text) : fromToken(text);
  } catch {
    return null;
  }
}

/** Requests are handled one after the other, each in a millisecond or two. */
async function ownTurn(): Promise<void> {
  waiting++;
  if (waiting > SINKS_AT) hasSunk = true;
  turn = turn.then(() => sleep(1));
  await turn;
  waiting--;
  if (hasSunk) await sleep(SLOWER_MS);
}

function end(session: Session): void {
  if (faults.has('logout')) ended.add(session.id);
  else if (KIND === 'session') rmSync(fileOf(session.id), { force: true });
  else writeFileSync(fileOf(session.id), '');
}

const attributes = `; Path=/; SameSite=Lax${faults.has('httponly') ? '' : '; HttpOnly'}`;

function body(request: IncomingMessage): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      try {
        resolve(JSON.parse(text) as Record<string, unknown>);
      } catch {
        resolve({});
      }
    });
  });
}

function reply(response: ServerResponse, status: number, value?: object): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(value === undefined ? '' : JSON.stringify(value));
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://shop');
  const route = `${request.method} ${url.pathname}`;
  if (!faults.has('store')) response.setHeader('cache-control', 'no-store');
  if (route === 'GET /') return reply(response, 200, { shop: 'open' });
  if (route === 'POST /login') return login(request, response, url);
  const session = sessionOf(request, url);
  if (session === null || existsSync(markOf(session.user))) return reply(response, 401);
  const [, user = '', change] = /^\/users\/(alice|bob)\/(disable|enable)$/.exec(url.pathname) ?? [];
  if (change !== undefined) {
    if (session.user !== 'root') return reply(response, 403);
    if (change === 'disable') writeFileSync(markOf(user), '');
    else rmSync(markOf(user), { force: true });
    return reply(response, 204);
  }
  switch (route) {
    case 'GET /account':
      if (faults.has('dies') && ++served > MOST_SERVED) {
        console.error('fatal: the disk is full');
        process.exit(9);
      }
      if (faults.has('sinks')) await ownTurn();
      return reply(response, 200, { user: { name: session.user } });
    case 'POST /buy':
      return reply(response, 201, { bought: true });
    case 'GET /admin':
      return reply(response, session.user === 'root' ? 200 : 403, {});
    case 'POST /logout':
      end(session);
      if (KIND !== 'bearer') response.setHeader('set-cookie', `${COOKIE}=; Path=/; Max-Age=0`);
      return reply(response, 204);
    case 'POST /logout-all':
      for (const name of readdirSync(STATE).filter((file) => file.startsWith('session-')))
        if (readFileSync(join(STATE, name), 'utf8') === session.user) rmSync(join(STATE, name), { force: true });
      return reply(response, 204);
    default:
      return reply(response, 404);
  }
}

async function login(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const { user, password } = await body(request);
  if (typeof user !== 'string' || !USERS.includes(user) || password !== PASSWORD) return reply(response, 401);
  if (existsSync(markOf(user))) return reply(response, 403);
  const old = KIND === 'bearer' ? null : sessionOf(request, url);
  const keeps = faults.has('rotation') && old !== null;
  const credential = keeps ? (request.headers.cookie ?? '').replace(/^.*?=/, '') : issue(user);
  if (old !== null && !keeps) end(old);
  if (KIND === 'bearer') return reply(response, 200, { access: { token: credential } });
  response.setHeader('set-cookie', `${COOKIE}=${credential}${attributes}`);
  reply(response, 200, { welcome: user });
}

const listener = (request: IncomingMessage, response: ServerResponse) => {
  // No handler awaits it, so it ends the process.
  if (faults.has('crashes')) decodeURIComponent(request.headers.cookie ?? '');
  serve(request, response).catch((error: unknown) => {
    console.error(error);
    reply(response, 500);
  });
};
const server = process.env.TLS === undefined ? createServer(listener) : createTlsServer(ownCertificate(), listener);
server.listen(Number(PORT), '127.0.0.1');

function ownCertificate() {
  const { privateKey, certificate } = makeCertificate();
  return { key: privateKey, cert: certificate };
}
