/** What a search is asked, and how its parts send requests. */
import { randomBytes } from 'node:crypto';
import type { Answer, Call, Endpoint } from '../../bench/gate/http.ts';
import { TollgateError } from '../../core/errors.ts';
import type { Request } from '../config/request-schema.ts';
import type { ServiceConfig } from '../config/schema.ts';
import type { ServiceUser } from '../config/service.ts';
import { type Ask, type LoggedIn, logIn } from '../flow/login.ts';
import { type ClientCredentials, callOf } from '../flow/requests.ts';
import { isSuccess } from '../flow/success.ts';
import type { SearchLimits } from './ask.ts';

/** Hears of each request before it is sent, and of each part of the configuration once it is found. */
export interface Listener {
  readonly tries: (request: string) => void;
  readonly finds: (part: string) => void;
}

export interface Asked {
  readonly url: URL;
  readonly endpoint: Endpoint;
  readonly user: ServiceUser;
  /** The path of the login; null tries common ones. */
  readonly login: string | null;
  readonly guarded: string | null;
  /** The environment variable with the password. */
  readonly passwordVariable: string;
  /** Interrupts the search, which may send hundreds of requests. */
  readonly signal: AbortSignal;
  readonly limits?: SearchLimits;
  readonly listener?: Listener;
}

export interface Searched extends Omit<Asked, 'signal' | 'limits'> {
  /** Sends a request of this search. */
  readonly send: Ask;
  /** Aborts once the search is over. */
  readonly signal: AbortSignal;
}

export const ask = ({ endpoint, send }: Searched, call: Call): Promise<Answer> => send(endpoint, call);

/** Usual paths below that of the URL. */
export function below({ url }: Pick<Asked, 'url'>, paths: readonly string[]): string[] {
  const base = url.pathname.replace(/\/+$/, '');
  return paths.map((path) => base + path);
}

export const isAccepted = async (asked: Searched, request: Request, holding: ClientCredentials): Promise<boolean> =>
  isSuccess(request, await ask(asked, callOf(request, holding)));

/** @returns null if the work fails for a reason of the service @throws the reason of the signal once that has aborted */
export async function orNull<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TollgateError) return null;
    throw error;
  }
}

/** @returns null if the login is refused, or gives no credential */
export const sessionOrNull = (
  { endpoint, user, send, signal }: Pick<Searched, 'endpoint' | 'user' | 'send' | 'signal'>,
  login: ServiceConfig['login'],
): Promise<LoggedIn | null> => orNull(signal, logIn({ login }, endpoint, user, { ask: send }));

/** Another token of the same length. */
export const unlike = (token: string): string => randomBytes(token.length).toString('hex').slice(0, token.length);

export async function firstOf<T>(items: readonly T[], fits: (item: T) => Promise<boolean>): Promise<T | null> {
  for (const item of items) if (await fits(item)) return item;
  return null;
}
