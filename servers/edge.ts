/**
 * An edge: a reverse proxy in front of one replica, to which clients talk instead. It decides which credential a
 * request is forwarded with; routing, bodies and replies are the same for every edge.
 */
import type { FastifyRequest } from 'fastify';
import type { CompanionAddresses } from './configuration.ts';
import type { SchemeSettings } from './scheme.ts';

/** The headers of a forwarded request. */
export type SentHeaders = Record<string, string | string[]>;

/** What is forwarded instead of a client's credential. */
export interface Exchange {
  /** The value of `Authorization` behind the edge. */
  readonly authorization: string;
  readonly userId: string;
}

export interface Edge {
  /** The `WWW-Authenticate` header on a 401. */
  readonly challenge: string;
  /**
   * Exchanges the credential of a request to a guarded route. @param isCritical whether the credential must be valid
   * now, and not only recently @returns null if there is no valid one. The promise fails with StoreUnavailable
   */
  exchange(request: FastifyRequest, isCritical: boolean): Promise<Exchange | null>;
  /** The other headers to forward; default: all of the request's except those that only an edge may set. */
  readonly headersOf?: (request: FastifyRequest) => SentHeaders;
  /** Called when the credential of a request was ended. */
  ended(request: FastifyRequest): void;
  /** Called when all credentials of a user were ended. */
  endedAllOf(userId: string): void;
  close(): Promise<void>;
}

export interface EdgeContext {
  readonly companions: CompanionAddresses;
  readonly settings: SchemeSettings;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export type EdgeFactory = (context: EdgeContext) => Edge;
