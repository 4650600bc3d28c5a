/**
 * Finds the CSRF token that a login needs: where it stands before the login, and where the login has it. It sends no user and
 * no password, so that it cannot lock a user out.
 */
import { randomBytes } from 'node:crypto';
import type { Answer } from '../../bench/gate/http.ts';
import { TollgateError } from '../../core/errors.ts';
import type { Request } from '../config/request-schema.ts';
import { credentialsBeforeLogin } from '../flow/login.ts';
import { type ClientCredentials, callOf, NOTHING } from '../flow/requests.ts';
import { alike } from './alike.ts';
import { type Carrier, carriersOf, carrying, type TokenStep, tokensIn } from './csrf.ts';
import { withStatus } from './logout.ts';
import { ask, below, type Searched } from './searched.ts';
import { CSRF_TOKENS } from './usual.ts';

/** A token, and how a login sends it. */
export interface LoginToken {
  readonly before: TokenStep;
  readonly carrier: Carrier;
  /** The reply to a login with a token, and without a user. */
  readonly reply: Answer;
}

/** The tokens of the start page and of usual paths, which are the same for every login: asked for once. */
export class CommonTokens {
  readonly #asked: Searched;
  #found: Promise<readonly TokenStep[]> | null = null;

  constructor(asked: Searched) {
    this.#asked = asked;
  }

  all(): Promise<readonly TokenStep[]> {
    this.#found ??= this.#search();
    return this.#found;
  }

  async #search(): Promise<readonly TokenStep[]> {
    const [start = '/', ...own] = below(this.#asked, ['/', ...CSRF_TOKENS]);
    const found: TokenStep[] = [];
    for (const path of [start, ...own]) {
      const answer = await ask(this.#asked, callOf({ path }, NOTHING));
      if (answer.status === 200 || answer.status === 204)
        found.push(...tokensIn(withStatus({ path }, answer.status), answer, path !== start));
    }
    return found;
  }
}

/** Sends a login that has a token and no user, with the right token and with another one. */
export async function findLoginToken(
  asked: Searched,
  path: string,
  steps: readonly TokenStep[],
): Promise<LoginToken | null> {
  const bare: Request = { method: 'POST', path };
  for (const before of steps) {
    for (const carrier of carriersOf(before.csrf)) {
      const request = carrying(bare, carrier);
      const right = request === null ? null : await replyTo(asked, request, before, (token) => token);
      if (request === null || right === null) continue;
      const wrong = await replyTo(asked, request, before, unlike);
      if (wrong === null || alike({ path, answer: right }, { path, answer: wrong })) continue;
      // A reply that differs each time says nothing.
      const again = await replyTo(asked, request, before, unlike);
      if (again !== null && alike({ path, answer: wrong }, { path, answer: again }))
        return { before, carrier, reply: right };
    }
  }
  return null;
}

/** Another token of the same length. */
const unlike = (token: string): string => randomBytes(token.length).toString('hex').slice(0, token.length);

/** The reply to a new client with the token that `change` makes of its own; null if it gets none. */
async function replyTo(
  asked: Searched,
  request: Request,
  before: TokenStep,
  change: (token: string) => string,
): Promise<Answer | null> {
  let held: ClientCredentials;
  try {
    const login = { request, credential: { cookie: 'none' }, before };
    held = await credentialsBeforeLogin({ login }, NOTHING, (call) => ask(asked, call));
  } catch (error) {
    asked.signal.throwIfAborted();
    if (error instanceof TollgateError) return null;
    throw error;
  }
  return held.csrf === null ? null : ask(asked, callOf(request, { ...held, csrf: change(held.csrf) }));
}
