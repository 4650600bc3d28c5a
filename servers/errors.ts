/** Errors that a server answers with, and errors that keep one from starting. */

/** An error with an HTTP status. Its message is shown to the client, so it reveals nothing internal. */
export class HttpError extends Error {
  readonly statusCode: number;
  constructor(statusCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.statusCode = statusCode;
  }
}

/** 401: the credential is missing or not valid (any more). All causes share one message, so a client cannot distinguish them. */
export class Unauthenticated extends HttpError {
  /** Sent as `WWW-Authenticate` instead of the scheme's, if a standard names the cause there; otherwise null. */
  readonly challenge: string | null;
  constructor(message = 'A valid credential is needed.', challenge: string | null = null) {
    super(401, message);
    this.challenge = challenge;
  }
}

/** 403: the credential is valid but does not allow this. */
export class Forbidden extends HttpError {
  constructor(message: string) {
    super(403, message);
  }
}

/** 429: too many failed attempts, or too many requests. `Retry-After` says when the next may come (RFC 6585 §4). */
export class TooManyRequests extends HttpError {
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number, message = 'Too many failed logins. Try again later.') {
    super(429, message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** 503: the store did not answer. Guarded routes fail closed with it. */
export class StoreUnavailable extends HttpError {
  constructor(cause: unknown) {
    super(503, 'The session store does not answer. Try again later.', { cause });
  }
}

/** Turns any failure of a Redis promise into StoreUnavailable (503). */
export function orUnavailable<T>(command: Promise<T>): Promise<T> {
  return command.catch((cause: unknown) => {
    throw new StoreUnavailable(cause);
  });
}

export type StartErrorCode =
  | 'BAD_START'
  | 'UNKNOWN_ARM'
  | 'HOST_NOT_LOOPBACK'
  | 'REDIS_MISSING'
  | 'REDIS_UNREACHABLE'
  | 'REDIS_AUTH'
  | 'REDIS_NOPERM'
  | 'REDIS_DATABASE'
  | 'REDIS_TOO_OLD'
  | 'REDIS_CLUSTER'
  | 'COMPANION_MISSING'
  | 'COMPANION_UNREACHABLE'
  | 'EADDRINUSE'
  | 'LISTEN_FAILED'
  | 'EDGE_ENDED'
  | 'START_FAILED'
  | 'TRACES_MISSING';

/** A replica cannot start. The message is one line that says what to do. */
export class StartError extends Error {
  readonly code: StartErrorCode;
  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
    this.code = code;
  }
}
