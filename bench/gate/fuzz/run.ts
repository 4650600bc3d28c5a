/** Sends fuzz cases to one replica of an arm, and reports behaviour that no client should be able to cause. */
import type { Static } from 'typebox';
import { messageOf } from '../../../core/errors.ts';
import { checker } from '../../../core/results/validate.ts';
import { Type } from '../../../core/schema.ts';
import { createRandom } from '../../../core/stats/random.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import { CSRF_HEADER, ROUTES } from '../../../servers/contract.ts';
import type { User } from '../../fleet/secrets.ts';
import { authorityOf } from '../../load/connection/authority.ts';
import { newProofKey } from '../../load/connection/proof.ts';
import { proofOf, proven } from '../attacks/proofs.ts';
import { clientSessionFrom, headersOf } from '../client-session.ts';
import { type Answer, type Call, call, type Endpoint, exchange } from '../http.ts';
import { onceServed, withPatience } from '../once-served.ts';
import { type FuzzCase, type FuzzInput, fuzzCase, type GoodCredential } from './cases.ts';
import regressions from './regressions.json' with { type: 'json' };

export interface FuzzTarget {
  readonly arm: ArmInfo;
  readonly endpoint: Endpoint;
  readonly users: readonly User[];
  /** Returns why the replica ended; null while it runs. */
  death(): string | null;
  /** Returns its resident memory, or null if it shares its process. */
  rssBytes(): Promise<number | null>;
}

export interface FuzzOptions {
  readonly seed: number;
  /** The number of random cases, after the kept cases. */
  readonly cases: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

export interface Finding {
  readonly arm: string;
  /** Its number with this seed; null for a kept case. */
  readonly index: number | null;
  readonly name: string;
  readonly problem: string;
  /** The shortened request as JSON text. */
  readonly request: string;
}

export interface FuzzResult {
  readonly arm: string;
  readonly sent: number;
  /** The number of answers with each status; 0 stands for a connection that was closed without an answer. */
  readonly statuses: Readonly<Record<number, number>>;
  readonly findings: readonly Finding[];
  /** The growth of resident memory; null if unknown. */
  readonly grownBytes: number | null;
}

const Regressions = Type.Array(
  Type.Object({ name: Type.String(), request: Type.String() }, { additionalProperties: false }),
);
const checkRegressions = checker(Regressions);

/** Returns the kept cases, which are replayed first: past failures of this or other software. `{host}` is the server's address. */
export function keptCases(host: string): FuzzCase[] {
  const checked = checkRegressions(regressions);
  if (!checked.ok) throw new TypeError(`bench/gate/fuzz/regressions.json does not match its schema: ${checked.reason}`);
  const list: Static<typeof Regressions> = checked.value;
  return list.map(({ name, request }) => ({ name, request: request.replaceAll('{host}', host), mayPass: false }));
}

const TIMEOUT_MS = 8_000;
const AT_ONCE = 6;
/** After every this many cases the replica must still accept a valid credential. */
const LOOK_EVERY = 200;
const WARM_UP_CASES = 100;
const SHOWN = 300;
/** For how long requests are repeated in all, if they get 503 because a busy machine kept the store waiting. */
const PATIENCE_MS = 20_000;

/** Logs in again, since some cases end the session that they carry. */
async function goodCredential({ arm, endpoint, users }: FuzzTarget, n: number): Promise<GoodCredential> {
  const user = users[n % users.length];
  if (user === undefined) throw new RangeError('fuzzing needs a user');
  const { username, password } = user;
  const key = arm.senderConstrained === true ? newProofKey() : null;
  const ask = (asked: Call) => onceServed(() => call(endpoint, key === null ? asked : proven(endpoint, asked, key)));
  const reply = await ask({ method: 'POST', path: '/login', json: { username, password } });
  const session = clientSessionFrom(user, reply);
  const { cookie = null } = headersOf(session);
  const me = await ask({ method: 'GET', path: '/me', headers: headersOf(session) });
  if (me.status !== 200) throw new Error(`a good credential of ${arm.name} got ${me.status}`);
  const csrfHeader = session.csrfToken === null ? null : ([CSRF_HEADER, session.csrfToken] as const);
  const { accessToken: bearer } = session;
  if (key === null) return { cookie, bearer, csrfHeader };
  return { cookie, bearer, csrfHeader, proof: proofOf(endpoint, ROUTES.me, { key, token: bearer }) };
}

/** The answer to a case; null if the connection was closed without one. A 503 counts only if it lasts. */
export function answerTo({ request }: FuzzCase, endpoint: Endpoint): Promise<Answer | null> {
  return onceServed(() => exchange(endpoint, Buffer.from(request, 'latin1'), TIMEOUT_MS));
}

/** Returns the fault of an answer, or null. */
export function problemOf({ mayPass }: FuzzCase, answer: Answer | null, arm: ArmInfo): string | null {
  // A server may close the connection without an answer if the request was not HTTP.
  if (answer === null) return null;
  const { status } = answer;
  if (status >= 500) return `it got ${status}`;
  if (status >= 200 && status < 300) return mayPass || arm.baseline ? null : `it was let in (${status})`;
  return status >= 400 ? null : `it got ${status}`;
}

/**
 * @returns the findings; the death of the replica is a finding and ends the run
 * @throws Error if the replica does not serve valid requests at the start
 */
export function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzResult> {
  return withPatience(PATIENCE_MS, () => sendAll(target, options));
}

async function sendAll(target: FuzzTarget, options: FuzzOptions): Promise<FuzzResult> {
  const { endpoint, arm } = target;
  const random = createRandom(options.seed);
  const host = authorityOf(endpoint);
  const findings: Finding[] = [];
  const statuses: Record<number, number> = {};
  let sent = 0;
  let rssBefore: number | null = null;

  async function send(one: FuzzCase, index: number | null): Promise<void> {
    const tell = (problem: string) => {
      const request = JSON.stringify(one.request.slice(0, SHOWN));
      findings.push({ arm: arm.name, index, name: one.name, problem, request });
    };
    try {
      const answer = await answerTo(one, endpoint);
      const status = answer?.status ?? 0;
      statuses[status] = (statuses[status] ?? 0) + 1;
      const problem = problemOf(one, answer, arm);
      if (problem !== null) tell(problem);
    } catch (error) {
      tell(messageOf(error));
    }
    sent += 1;
  }

  for (const kept of keptCases(host)) await send(kept, null);
  for (let first = 0; first < options.cases && !options.signal?.aborted; first += LOOK_EVERY) {
    const last = Math.min(options.cases, first + LOOK_EVERY);
    const death = target.death();
    if (death !== null) {
      findings.push({ arm: arm.name, index: first, name: 'any of those before', problem: death, request: '' });
      break;
    }
    const input: FuzzInput = { host, credential: await goodCredential(target, first / LOOK_EVERY) };
    const indices = Array.from({ length: last - first }, (_, i) => first + i).values();
    const lane = async () => {
      for (const index of indices) {
        if (index === WARM_UP_CASES) rssBefore = await target.rssBytes();
        await send(fuzzCase(random, index, input), index);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    options.onProgress?.(last);
  }
  if (target.death() === null) await goodCredential(target, 0);
  const rssAfter = target.death() === null ? await target.rssBytes() : null;
  const grownBytes = rssBefore === null || rssAfter === null ? null : rssAfter - rssBefore;
  return { arm: arm.name, sent, statuses, findings, grownBytes };
}
