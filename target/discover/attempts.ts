/** The logins of a search, which must not lock its user out. */
import type { Answer } from '../../bench/gate/http.ts';
import { runError, type TollgateError, usageError } from '../../core/errors.ts';
import type { ServiceConfig } from '../config/schema.ts';
import { credentialsBeforeLogin, loginCall, shownPath } from '../flow/login.ts';
import { type ClientCredentials, NOTHING } from '../flow/requests.ts';
import { ask, orNull, type Searched } from './searched.ts';

export type LoginTry = Pick<ServiceConfig['login'], 'request' | 'before'>;

/**
 * Logins with the user's password that may fail, of all paths together: services lock users out after some. That without a name of
 * its client takes the place of the one that worked.
 */
export const MOST_FAILED_LOGINS = 10;

/** What services say to a user who failed too often; 423 is Locked. */
const LOCKS = [
  /\b(?:account|user|you)\b(?:(?!\b(?:will|would|may|might|could|not|never)\b).){0,40}\block(?:ed|out)?\b/i,
  /^\s*locked out\b/i,
  /too many (?:failed |login |sign-?in )*(?:attempt|request|login)/i,
];
/** A sentence with one of these before it warns of a lock, or names it as one cause of several. */
const UNSURE = /\b(?:before|until|unless|if|or|avoid)\b/i;
/** Pages have texts and scripts for many cases. */
const LONGEST_REFUSAL = 2000;

export class Attempts {
  readonly #asked: Searched;
  readonly #statuses = new Set<number>();
  #failed = 0;
  #nearest: string | null = null;

  constructor(asked: Searched) {
    this.#asked = asked;
  }

  /**
   * Logs in, and counts that as failed: a login that works ends the search.
   * @returns null if the requests before the login give no token for it
   * @throws TollgateError in one line if too many have failed, or the service reports that the account is locked
   */
  async logIn({
    request,
    before,
  }: LoginTry): Promise<{ readonly answer: Answer; readonly held: ClientCredentials } | null> {
    if (this.#failed >= MOST_FAILED_LOGINS)
      throw this.fault(`; after ${MOST_FAILED_LOGINS} logins no more are tried, since that may lock the user out`);
    const { user, signal } = this.#asked;
    const form = { login: { request, credential: { cookie: 'none' }, ...(before === undefined ? {} : { before }) } };
    const held = await orNull(
      signal,
      credentialsBeforeLogin(form, NOTHING, (call) => ask(this.#asked, call)),
    );
    if (held === null) return null;
    const answer = await ask(this.#asked, loginCall(form, user, held));
    this.#statuses.add(answer.status);
    if (answer.status !== 404 && answer.status !== 405) this.#failed++;
    if (isLocked(answer))
      throw runError(
        `POST ${shownPath(request.path)} returned ${answer.status}: the service reports that the account is locked, and the search was ended`,
        'unlock the user, or wait; then check the username and the password, and give the path with --login',
      );
    return { answer, held };
  }

  /** Notes a login that worked, and whose credential no path accepts. */
  noteUnusable({ request }: LoginTry, { status }: Answer): void {
    this.#nearest ??= `POST ${shownPath(request.path)} returned ${status}, but no guarded path that was tried accepts what it gave`;
  }

  /** @param why added to the message */
  fault(why = ''): TollgateError {
    const what = `no working login was found (responses: ${[...this.#statuses].sort().join(', ')})${why}`;
    return usageError(
      this.#nearest === null ? what : `${what}: ${this.#nearest}`,
      this.#nearest === null
        ? 'give the paths with --login and --guarded, and check the username and the password; or write service.json by hand'
        : 'give a path that needs a login with --guarded, and check the username and the password; or write service.json by hand',
    );
  }
}

/** Whether a refusal says that the user is locked out. A name in JSON says nothing, such as that of `"locked": false`. */
export const isLocked = ({ status, text }: Pick<Answer, 'status' | 'text'>): boolean =>
  status === 423 || (status >= 400 && text.length <= LONGEST_REFUSAL && sentencesOf(text).some(speaksOfLock));

const sentencesOf = (text: string): string[] => text.replaceAll(/"[^"]*"\s*:/g, '').split(/[.!?:;<>"{}\n]/);

const speaksOfLock = (sentence: string): boolean =>
  LOCKS.some((lock) => {
    const found = lock.exec(sentence);
    return found !== null && !UNSURE.test(sentence.slice(0, found.index + found[0].length));
  });
