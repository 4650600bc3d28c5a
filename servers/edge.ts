/**
 * An edge: a reverse proxy of its own in front of a replica, which clients talk to in its place. It decides what a request is
 * sent on with; routing, bodies and replies are the same for every edge.
 */
import type { FastifyRequest } from 'fastify';
import type { CompanionAddresses } from './messages.ts';
import type { SchemeSettings } from './scheme.ts';

/** Headers of a request that is sent on. */
export type SentHeaders = Record<string, string | string[]>;

/** What is sent on in place of a client's credential. */
export interface Exchange {
  /** The value of `Authorization` behind the edge. */
  readonly authorization: string;
  readonly userId: string;
}

export interface Edge {
  /** The `WWW-Authenticate` header on a 401. */
  readonly challenge: string;
  /**
   * Exchanges the credential of a request to a guarded route.
   * @param isCritical whether the credential must be valid now, and not only a while ago
   * @returns null if there is none that is valid. The promise fails with StoreUnavailable
   */
  exchange(request: FastifyRequest, isCritical: boolean): Promise<Exchange | null>;
  /** The headers of a request that are sent on beside it; absent for all but those that only an edge may set. */
  readonly headersOf?: (request: FastifyRequest) => SentHeaders;
  /** Told that the credential of a request was ended. */
  ended(request: FastifyRequest): void;
  /** Told that all credentials of a user were ended. */
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
