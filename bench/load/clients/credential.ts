/**
 * What a client holds after login, whatever the scheme: cookies, a token, the key that it is bound to, a CSRF token.
 */
import { Compile } from 'typebox/schema';
import { type ArmInfo, CSRF_HEADER, Identity, type LoginBody, LoginReply, ROUTES } from '../../../servers/contract.ts';
import { type Address, Connection } from '../connection/connection.ts';
import { newProofKey, PROOF_KEY } from '../connection/proof.ts';
import { type RequestSpec, requestBytes } from '../connection/request.ts';
import { headerValues, type Response } from '../connection/response.ts';

/** Plain data, so that it can be sent to a generator process. */
export interface Credential {
  readonly username: string;
  /** Header lines that carry the credential: `cookie`, `authorization`, and `PROOF_KEY`. Empty if the arm needs none. */
  readonly headers: Readonly<Record<string, string>>;
  /** The header that a state change needs in addition: the CSRF token. */
  readonly stateChangeHeaders: Readonly<Record<string, string>>;
  /** The exact body of `GET /me` with this credential. */
  readonly meBody: string;
}

/** A login did not follow the contract. */
export class LoginError extends Error {
  override readonly name = 'LoginError';
}

const loginReply = Compile(LoginReply);
const identity = Compile(Identity);

function parse(response: Response): unknown {
  try {
    return JSON.parse(response.body.toString());
  } catch {
    return undefined;
  }
}

/** Max-Age takes precedence over Expires (RFC 6265, 5.3). */
function isDeletion(attributes: readonly string[], nowMs: number): boolean {
  const value = (name: string) =>
    attributes.findLast((attribute) => attribute.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
  const maxAge = value('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0;
  const expires = value('expires');
  return expires !== undefined && Date.parse(expires) <= nowMs;
}

/** `name=value` of each cookie that a response sets: the last one of each name, unless it deletes the cookie. */
export function cookiesOf(head: string, nowMs = Date.now()): string[] {
  const cookies = new Map<string, string>();
  for (const line of headerValues(head, 'set-cookie')) {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const equals = pair.indexOf('=');
    if (equals <= 0) continue;
    const name = pair.slice(0, equals);
    cookies.delete(name);
    if (!isDeletion(attributes, nowMs)) cookies.set(name, pair);
  }
  return [...cookies.values()];
}

/** The credentials in a reply to a login or refresh. */
export interface Grant {
  readonly headers: Readonly<Record<string, string>>;
  readonly stateChangeHeaders: Readonly<Record<string, string>>;
  /** `name=value` of each cookie. */
  readonly cookies: readonly string[];
  readonly refreshToken: string | null;
}

/**
 * Null if the reply does not match the contract. @param proofKey that signed the proof of the login; undefined if
 * there was none
 */
export function grantOf(reply: Response, proofKey?: string): Grant | null {
  const parsed = parse(reply);
  if (reply.status !== 200 || !loginReply.Check(parsed)) return null;
  const cookies = cookiesOf(reply.head);
  const headers: Record<string, string> = {};
  if (cookies.length > 0) headers.cookie = cookies.join('; ');
  const isBound = parsed.tokenType === 'DPoP';
  // A bound token without its key, or a key without a bound token, would measure another scheme.
  if (isBound !== (proofKey !== undefined)) return null;
  if (parsed.accessToken !== undefined) headers.authorization = `${isBound ? 'DPoP' : 'Bearer'} ${parsed.accessToken}`;
  if (proofKey !== undefined) headers[PROOF_KEY] = proofKey;
  return {
    headers,
    stateChangeHeaders: parsed.csrfToken === undefined ? {} : { [CSRF_HEADER]: parsed.csrfToken },
    cookies,
    refreshToken: parsed.refreshToken ?? null,
  };
}

/** The request of a login. @param proofKey that signs its proof, for an arm that binds tokens to a key */
export function loginRequest(body: LoginBody, proofKey?: string): RequestSpec {
  return { ...ROUTES.login, body, ...(proofKey === undefined ? {} : { headers: { [PROOF_KEY]: proofKey } }) };
}

/** The properties of an arm that a login depends on. */
export type LoginArm = Pick<ArmInfo, 'baseline' | 'senderConstrained'>;

/** @returns a new key for a client of this arm; undefined if it needs none */
export function proofKeyFor({ senderConstrained }: Pick<ArmInfo, 'senderConstrained'>): string | undefined {
  return senderConstrained === true ? newProofKey() : undefined;
}

interface User {
  readonly username: string;
  readonly password: string;
}

async function grantOver(
  connection: Connection,
  address: Address,
  { username, password }: User,
  arm: LoginArm,
  credential?: LoginBody['credential'],
): Promise<Grant> {
  const body: LoginBody = { username, password, ...(credential && { credential }) };
  const proofKey = proofKeyFor(arm);
  const reply = await connection.request(requestBytes(address, loginRequest(body, proofKey)));
  const grant = grantOf(reply, proofKey);
  if (grant === null) throw new LoginError(`POST /login answered ${reply.status} and not a login reply`);
  return grant;
}

/**
 * Logs a user in at one replica, and uses the credential for nothing: it may live for so short a time that a busy
 * machine finds it expired. @param credential the one to request if the scheme has both @throws LoginError if the
 * reply does not match the contract; ConnectionError if the replica is gone
 */
export async function unusedGrant(
  address: Address,
  user: User,
  arm: LoginArm,
  credential?: LoginBody['credential'],
): Promise<Grant> {
  const connection = await Connection.open(address);
  try {
    return await grantOver(connection, address, user, arm, credential);
  } finally {
    connection.close();
  }
}

/**
 * Logs a user in at one replica and records the body that `GET /me` must return from then on. @param credential the
 * one to request if the scheme has both @throws LoginError if a reply does not match the contract; ConnectionError if
 * the replica is gone
 */
export async function login(
  address: Address,
  user: User,
  arm: LoginArm,
  credential?: LoginBody['credential'],
): Promise<Credential> {
  const connection = await Connection.open(address);
  try {
    const { headers, stateChangeHeaders } = await grantOver(connection, address, user, arm, credential);
    const me = await connection.request(requestBytes(address, { ...ROUTES.me, headers }));
    const who = parse(me);
    if (me.status !== 200 || !identity.Check(who)) throw new LoginError(`GET /me answered ${me.status} after a login`);
    // The unguarded baseline serves every request as the same user, since requests carry no identity.
    if (!arm.baseline && who.username !== user.username) {
      throw new LoginError(`GET /me answered for ${JSON.stringify(who.username)} to another user's credential`);
    }
    return {
      username: user.username,
      headers,
      stateChangeHeaders,
      meBody: me.body.toString(),
    };
  } finally {
    connection.close();
  }
}
