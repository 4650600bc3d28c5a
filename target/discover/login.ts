/** Finds the login of a service: its path, its body, and the CSRF token that it needs. */
import { randomBytes } from 'node:crypto';
import type { Answer } from '../../bench/gate/http.ts';
import { callOf, NOTHING } from '../flow/requests.ts';
import { alike, type Replied } from './alike.ts';
import { Attempts, type LoginTry } from './attempts.ts';
import { carriersOf, carrying, type TokenStep, tokensIn } from './csrf.ts';
import { loginIn, withScriptToken } from './form.ts';
import { credentialsIn, type Found, foundWith } from './guarded.ts';
import { CommonTokens, findLoginToken, type LoginToken } from './login-token.ts';
import { WANTS_MORE, withStatus } from './logout.ts';
import { ask, below, type Searched } from './searched.ts';
import { bodies, GRANTS, LOGINS, TOKENS } from './usual.ts';

/** Statuses for a path without a POST. */
const ABSENT = [404, 405];
/** Statuses of a refusal for a CSRF token alone; 419 is Laravel's. */
const WANTS_TOKEN = [403, 419];
/** Of the tokens that a service offers, and the login may need. */
const MOST_GUESSES = 2;

/** @throws {TollgateError} in one line: what was not found, and the flag that specifies it; or that a limit was reached */
export function findLogin(asked: Searched): Promise<Found> {
  return new LoginSearch(asked).run();
}

/** A path, and its page. */
type Visited = readonly [path: string, page: Answer];

const ownTokens = (path: string, page: Answer): TokenStep[] =>
  page.status === 200 ? tokensIn({ path }, page, false) : [];

class LoginSearch {
  readonly #asked: Searched;
  readonly #attempts: Attempts;
  readonly #tokens: CommonTokens;
  /** What the service replies to a path that it does not have, by the folder of the path. */
  readonly #elsewhere = new Map<string, Replied>();

  constructor(asked: Searched) {
    this.#asked = asked;
    this.#attempts = new Attempts(asked);
    this.#tokens = new CommonTokens(asked);
  }

  async run(): Promise<Found> {
    const { login } = this.#asked;
    const unclear: Visited[] = [];
    for (const path of login === null ? below(this.#asked, [...LOGINS, ...TOKENS]) : [login]) {
      const page = await ask(this.#asked, callOf({ path }, NOTHING));
      const own = page.status === 200 ? loginIn(path, page.text) : null;
      const found = own === null ? null : await this.#tryForm(own, path, page);
      if (found !== null && 'login' in found) return found;
      if (own === null && login === null && (await this.#isUnclear(path))) unclear.push([path, page]);
      else {
        const other = await this.#tryBodies(path, page, null, found !== null);
        if (other !== null) return other;
      }
    }
    return (await this.#tryUnclear(unclear)) ?? Promise.reject(this.#attempts.fault());
  }

  /** First those whose CSRF token shows that they exist. */
  async #tryUnclear(unclear: readonly Visited[]): Promise<Found | null> {
    const others: Visited[] = [];
    let common = unclear.length === 0 ? [] : await this.#tokens.all();
    for (const visited of unclear) {
      const [path, page] = visited;
      const token = await findLoginToken(this.#asked, path, [...ownTokens(path, page), ...common]);
      // A service that wants a token for every path wants the same one.
      common = common.filter((step) => step === token?.before);
      if (token !== null && ABSENT.includes(token.reply.status)) continue;
      const found = token === null ? null : await this.#tryBodies(path, page, token, false);
      if (found !== null) return found;
      if (token === null) others.push(visited);
    }
    for (const [path, page] of others) {
      const found = await this.#tryBodies(path, page, null, false);
      if (found !== null) return found;
    }
    return null;
  }

  /** Whether a path is answered as one that the service does not have: the number of logins is limited. */
  async #isUnclear(path: string): Promise<boolean> {
    const folder = path.slice(0, path.replace(/\/$/, '').lastIndexOf('/') + 1);
    const nowhere = this.#elsewhere.get(folder) ?? (await this.#posted(`${folder}${randomBytes(8).toString('hex')}`));
    this.#elsewhere.set(folder, nowhere);
    return !ABSENT.includes(nowhere.answer.status) && alike(nowhere, await this.#posted(path));
  }

  async #posted(path: string): Promise<Replied> {
    return { path, answer: await ask(this.#asked, callOf({ method: 'POST', path }, NOTHING)) };
  }

  /** Tries the usual bodies at a path, with its CSRF token once it is known. */
  async #tryBodies(path: string, page: Answer, token: LoginToken | null, hasForm: boolean): Promise<Found | null> {
    const isToken = TOKENS.some((end) => path.endsWith(end));
    let isSearched = token !== null;
    for (const body of isToken ? GRANTS : bodies()) {
      // The page's own form has been tried.
      if (hasForm && body.form !== undefined) continue;
      const plain = { method: 'POST', path, ...body };
      const request = token === null ? plain : carrying(plain, token.carrier);
      if (request === null) continue;
      const tried = await this.#try({ request, ...(token === null ? {} : { before: token.before }) });
      if (tried === null) continue;
      if ('login' in tried) return tried;
      if (ABSENT.includes(tried.status)) return null;
      if (token !== null || !WANTS_MORE.includes(tried.status)) continue;
      if (!isSearched) {
        isSearched = true;
        const found = await this.#tokenOf(path, page);
        if (found !== null) return this.#tryBodies(path, page, found, hasForm);
      }
      const guessed = WANTS_TOKEN.includes(tried.status) ? await this.#guess(plain, page) : null;
      if (guessed !== null) return guessed;
    }
    return null;
  }

  async #tokenOf(path: string, page: Answer): Promise<LoginToken | null> {
    return findLoginToken(this.#asked, path, await this.#tokensAt(path, page));
  }

  async #tokensAt(path: string, page: Answer): Promise<TokenStep[]> {
    return [...ownTokens(path, page), ...(await this.#tokens.all())];
  }

  /** Logs in with a token in its most likely place, if a service checks it after the fields of the login. */
  async #guess(plain: LoginTry['request'], page: Answer): Promise<Found | null> {
    const likely = ({ csrf }: TokenStep) => carriersOf(csrf).flatMap((one) => carrying(plain, one) ?? [])[0] ?? null;
    return this.#guessWith(likely, plain.path, page);
  }

  /** @param requestFor the login with a token of this place; null for none */
  async #guessWith(
    requestFor: (step: TokenStep) => LoginTry['request'] | null,
    path: string,
    page: Answer,
  ): Promise<Found | null> {
    const steps = await this.#tokensAt(path, page);
    for (const before of steps.slice(0, MOST_GUESSES)) {
      const request = requestFor(before);
      const tried = request === null ? null : await this.#try({ request, before });
      if (tried !== null && 'login' in tried) return tried;
    }
    return null;
  }

  /** Logs in with the page's own form; if a script fills its token, with that of another place first. */
  async #tryForm(own: LoginTry, path: string, page: Answer): Promise<Found | Answer | null> {
    const request = withScriptToken(own.request);
    return (request === null ? null : await this.#guessWith(() => request, path, page)) ?? this.#try(own);
  }

  /** @returns the answer to a login that does not work; null if there is no token for it */
  async #try(login: LoginTry): Promise<Found | Answer | null> {
    const sent = await this.#attempts.logIn(login);
    if (sent === null) return null;
    const { answer, held } = sent;
    if (answer.status >= 400) return answer;
    const request = withStatus(login.request, answer.status);
    const found = await foundWith(this.#asked, { ...login, request, credential: { cookie: 'none' } }, answer, held);
    if (found === null && credentialsIn(answer, held.cookies).length > 0) this.#attempts.noteUnusable(login, answer);
    return found ?? answer;
  }
}
