/** The arms of claims, selected by their declarations: a claim knows no arm by name. */
import type { ArmSummary } from '../../core/results/arms.ts';

export type ArmPredicate = (arm: ArmSummary) => boolean;

/** Sessions read from Redis at each request, by the plugin or by hand. */
export const isSessionInRedis: ArmPredicate = ({ family, serverState, variant }) =>
  family === 'session' && serverState === 'redis' && (variant === null || variant === 'hand-tuned');
export const isHandTunedSession: ArmPredicate = (arm) => isSessionInRedis(arm) && arm.variant === 'hand-tuned';
/** The session in an encrypted cookie. */
export const isSealedSession: ArmPredicate = ({ family, serverState }) =>
  family === 'session' && serverState === 'none';
/** The session in the memory of one replica. */
export const isSessionInMemory: ArmPredicate = ({ family, serverState }) =>
  family === 'session' && serverState === 'process';

/** The session in a database server. */
export const isSessionInDatabase: ArmPredicate = ({ family, serverState }) =>
  family === 'session' && serverState === 'database';
/** The session cached by a replica, with invalidation by its store. */
export const isTrackedSession: ArmPredicate = ({ family, variant }) => family === 'session' && variant === 'tracked';

/** The token signed with RS256, the most common algorithm with a key pair. */
export const isRsaToken: ArmPredicate = ({ family, tokenAlgorithm }) =>
  family === 'token' && tokenAlgorithm === 'RS256';
export const isTokenInCookie: ArmPredicate = ({ family, variant }) => family === 'token' && variant === 'cookie';
/** The token that is looked up in a denylist, and fails closed. */
export const isDenylistedToken: ArmPredicate = ({ family, stores, variant }) =>
  family === 'token' && stores.includes('denylist') && variant === null;
export const isRefreshedToken: ArmPredicate = ({ stores }) => stores.includes('refresh-family');

/** The opaque token that each replica introspects at an authorization server. */
export const isIntrospected: ArmPredicate = ({ stores, variant }) =>
  stores.includes('opaque-token') && variant !== 'edge';
/** The opaque token that an edge exchanges for a signed one. */
export const isExchangedAtEdge: ArmPredicate = ({ stores, variant }) =>
  stores.includes('opaque-token') && variant === 'edge';

/** The token bound to a key of its client, which sends a proof with each request. */
export const isBoundToken: ArmPredicate = ({ family, stores }) => family === 'token' && stores.includes('used-proof');

/** A token for reads, with a session behind it for critical operations. */
export const isHybrid: ArmPredicate = ({ family, variant }) => family === 'combination' && variant === null;
/** Supports a session cookie and a bearer token at the same time. */
export const servesBoth: ArmPredicate = ({ variant }) => variant === 'both-credentials';
