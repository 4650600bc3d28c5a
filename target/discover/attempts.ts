/** The logins of a search, which must not lock its user out. */
import type { Answer } from '../../bench/gate/http.ts';
import { runError, type TollgateError, usageError } from '../../core/errors.ts';
import type { ServiceConfig } from '../config/schema.ts';
import { credentialsBeforeLogin, loginCall, shown } from '../flow/login.ts';
import { type ClientCredentials, NOTHING } from '../flow/requests.ts';
import { ask, type Searched } from './searched.ts';

export type LoginTry = Pick<ServiceConfig['login'], 'request' | 'before'>;

/** Logins with the user's password that may fail, of all paths together: services lock users out after some. */
export const MOST_FAILED_LOGINS = 10;
/** The last request of a search is a login without a name of its client, which may fail too. */
const MOST = MOST_FAILED_LOGINS - 1;

/** What services say to a user who failed too often; 423 is Locked. */
const LOCKED =
  /\b(?:account|user)\b[^.<]{0,40}\block|\blocked out\b|too many (?:failed |login |sign-?in )*(?:attempt|request|login)/i;
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
   * @throws TollgateError in one line if too many have failed, or the service says that it locked the user out
   */
  async log({ request, before }: LoginTry): Promise<{ readonly answer: Answer; readonly held: ClientCredentials }> {
    if (this.#failed >= MOST)
      throw this.fault(`; after ${MOST} logins no more are tried, since that may lock the user out`);
    const { user } = this.#asked;
    const form = { login: { request, credential: { cookie: 'none' }, ...(before === undefined ? {} : { before }) } };
    const held = await credentialsBeforeLogin(form, NOTHING, (call) => ask(this.#asked, call));
    const answer = await ask(this.#asked, loginCall(form, user, held));
    this.#statuses.add(answer.status);
    if (answer.status !== 404 && answer.status !== 405) this.#failed++;
    if (isLocked(answer))
      throw runError(
        `POST ${shown(request.path)} returned ${answer.status}: the service has locked the user out, and the search was ended`,
        'unlock the user, or wait; then check the username and the password, and give the path with --login',
      );
    return { answer, held };
  }

  /** Notes a login that worked, and whose credential no path accepts. */
  almost({ request }: LoginTry, { status }: Answer): void {
    this.#nearest ??= `POST ${shown(request.path)} returned ${status}, but no guarded path that was tried accepts what it gave`;
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

const isLocked = ({ status, text }: Pick<Answer, 'status' | 'text'>): boolean =>
  status === 423 || (status >= 400 && text.length <= LONGEST_REFUSAL && LOCKED.test(text));
