/**
 * Finds the CSRF token that a login needs: where a client gets it, and where the login sends it. It sends no user and
 * no password, so that it cannot lock a user out.
 */
import type { Answer } from '../../bench/gate/http.ts';
import type { Request } from '../config/request-schema.ts';
import { credentialsBeforeLogin } from '../flow/login.ts';
import { callOf, NOTHING } from '../flow/requests.ts';
import { alike } from './alike.ts';
import { type Carrier, carriersOf, carrying, type TokenStep, tokensIn } from './csrf.ts';
import { withStatus } from './logout.ts';
import { ask, below, orNull, type Searched, unlike } from './searched.ts';
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

/**
 * Sends logins that have a token and no user: with the right token, and with another one. That is up to three logins for each
 * place of a token and each place in a login, each after a request for its token.
 *
 * @param steps the requests whose replies have a token
 *
 * @returns null if a wrong token makes no difference in any of these places
 */
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

/** The reply to a new client with the token that `change` makes of its own; null if it gets none. */
async function replyTo(
  asked: Searched,
  request: Request,
  before: TokenStep,
  change: (token: string) => string,
): Promise<Answer | null> {
  const login = { request, credential: { cookie: 'none' }, before };
  const held = await orNull(
    asked.signal,
    credentialsBeforeLogin({ login }, NOTHING, (call) => ask(asked, call)),
  );
  if (held === null || held.csrf === null) return null;
  return ask(asked, callOf(request, { ...held, csrf: change(held.csrf) }));
}
