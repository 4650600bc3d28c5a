/** Sends fuzz cases to one replica of an arm, and notices what no client should be able to make a server do. */
import type { Static } from 'typebox';
import { Type } from 'typebox';
import { messageOf } from '../../../core/errors.ts';
import { checker } from '../../../core/results/validate.ts';
import { createRandom } from '../../../core/stats/random.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import { CSRF_HEADER } from '../../../servers/contract.ts';
import type { User } from '../../fleet/secrets.ts';
import { clientSessionFrom, headersOf } from '../client-session.ts';
import { type Answer, call, type Endpoint, exchange } from '../http.ts';
import { type FuzzCase, type FuzzInput, fuzzCase, type GoodCredential } from './cases.ts';
import regressions from './regressions.json' with { type: 'json' };

export interface FuzzTarget {
  readonly arm: ArmInfo;
  readonly endpoint: Endpoint;
  readonly users: readonly User[];
  /** Why the replica is gone; null while it lives. */
  death(): string | null;
  /** Its resident memory, or null where it has no process of its own. */
  rssBytes(): Promise<number | null>;
}

export interface FuzzOptions {
  readonly seed: number;
  /** Random cases, after those that are kept. */
  readonly cases: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

export interface Finding {
  readonly arm: string;
  /** Its number with this seed; null for one that is kept by name. */
  readonly index: number | null;
  readonly name: string;
  readonly problem: string;
  /** The request, shortened, as JSON text. */
  readonly request: string;
}

export interface FuzzResult {
  readonly arm: string;
  readonly sent: number;
  /** How many were answered with each status; 0 stands for a connection that was closed without an answer. */
  readonly statuses: Readonly<Record<number, number>>;
  readonly findings: readonly Finding[];
  /** How much resident memory grew; null where it is not known. */
  readonly grownBytes: number | null;
}

const Regressions = Type.Array(
  Type.Object({ name: Type.String(), request: Type.String() }, { additionalProperties: false }),
);
const checkRegressions = checker(Regressions);

/** Cases that are replayed first, each time: what once went wrong, somewhere. `{host}` stands for the server's address. */
export function keptCases(host: string): FuzzCase[] {
  const checked = checkRegressions(regressions);
  if (!checked.ok) throw new TypeError(`bench/gate/fuzz/regressions.json is not of its schema ${checked.reason}`);
  const list: Static<typeof Regressions> = checked.value;
  return list.map(({ name, request }) => ({ name, request: request.replaceAll('{host}', host), mayPass: false }));
}

const TIMEOUT_MS = 8_000;
const AT_ONCE = 6;
/** After so many cases the replica is asked whether it still serves whoever has a good credential. */
const LOOK_EVERY = 200;
const WARM_UP_CASES = 100;
const SHOWN = 300;

/** A fresh login: some cases end the session that they carry. */
async function goodCredential({ arm, endpoint, users }: FuzzTarget, n: number): Promise<GoodCredential> {
  const user = users[n % users.length];
  if (user === undefined) throw new RangeError('fuzzing needs a user');
  const { username, password } = user;
  const reply = await call(endpoint, { method: 'POST', path: '/login', json: { username, password } });
  const held = clientSessionFrom(user, reply);
  const { cookie = null } = headersOf(held);
  const me = await call(endpoint, { method: 'GET', path: '/me', headers: headersOf(held) });
  if (me.status !== 200) throw new Error(`a good credential of ${arm.name} was answered with ${me.status}`);
  const csrfHeader = held.csrfToken === null ? null : ([CSRF_HEADER, held.csrfToken] as const);
  return { cookie, bearer: held.accessToken, csrfHeader };
}

/** What is wrong with an answer; null where nothing is. */
export function problemOf({ mayPass }: FuzzCase, answer: Answer | null, arm: ArmInfo): string | null {
  // Closed without an answer: allowed to a server that was sent what is no HTTP.
  if (answer === null) return null;
  const { status } = answer;
  if (status >= 500) return `it was answered with ${status}`;
  if (status >= 200 && status < 300) return mayPass || arm.baseline ? null : `it was let in (${status})`;
  return status >= 400 ? null : `it was answered with ${status}`;
}

/**
 * @returns what was found; a replica that dies ends it, with a finding
 * @throws Error where the replica does not serve to begin with
 */
export async function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzResult> {
  const { endpoint, arm } = target;
  const random = createRandom(options.seed);
  const host = `${endpoint.host}:${endpoint.port}`;
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
      const answer = await exchange(endpoint, Buffer.from(one.request, 'latin1'), TIMEOUT_MS);
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
