/**
 * Tokens that may be equal. Without an id, all tokens of a user from the same second are: one that was ended could be
 * equal to one that must stay valid, and a login could seem to keep the old one.
 */
import { type ClientSession, secretOf } from '../../bench/gate/client-session.ts';
import { nextSecond } from '../../bench/gate/next-second.ts';
import { cookieOf } from '../flow/requests.ts';
import type { Subject } from './subject.ts';

export class EqualTokens {
  readonly #hasNoId: boolean;
  readonly #isEnded: boolean;
  readonly #isCookie: boolean;
  readonly #wait: () => Promise<void>;
  readonly #ended = new Set<string>();
  #latest: string | null = null;

  /** @param wait until tokens differ; tests replace it */
  constructor({ token, service }: Pick<Subject, 'token' | 'service'>, wait = nextSecond) {
    this.#wait = wait;
    this.#hasNoId = token !== null && token.claims.jti === undefined;
    this.#isEnded = service.requests.logout !== undefined || service.requests.logoutAll !== undefined;
    this.#isCookie = cookieOf(service.login) !== null;
  }

  /** Call it before a login. @param headers those that it sends beside its own */
  async beforeLogin(headers: Readonly<Record<string, string>>): Promise<void> {
    if (this.#hasNoId && this.#isCookie && 'cookie' in headers) await this.#wait();
  }

  /** Logs in once more, in the next second, if the token equals one that was ended, or the latest one. */
  async distinct(logIn: () => Promise<ClientSession>): Promise<ClientSession> {
    let session = await logIn();
    const secret = secretOf(session);
    const isKnown = secret !== null && (this.#ended.has(secret) || secret === this.#latest);
    if (this.#hasNoId && this.#isEnded && isKnown) {
      await this.#wait();
      session = await logIn();
    }
    this.#latest = secretOf(session);
    return session;
  }

  /** Call it when a session is ended. */
  ending(session: ClientSession): void {
    this.#ended.add(secretOf(session) ?? '');
  }
}
