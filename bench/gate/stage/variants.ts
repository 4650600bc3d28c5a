/** The kinds of fleet that checks need. A check that waits for an expiry needs one within about a second. */
import type { ServerSettings } from '../../../servers/configuration.ts';
import type { Argon2Setting } from '../../fleet/secrets.ts';

export type VariantName =
  | 'standard'
  | 'brief'
  | 'tls'
  | 'hardened'
  | 'limited'
  | 'addressed'
  | 'guessed'
  | 'cached'
  | 'outage';

export interface Variant {
  /** The settings in the start message; all others have the server's default. */
  readonly settings: ServerSettings;
  readonly tls: boolean;
  /** The number of checks that may run at once on one fleet. */
  readonly parallel: number;
  /** The hash setting of its users' passwords; the cheapest by default. */
  readonly passwords?: Argon2Setting;
}

/** The only origin whose pages may read replies of the standard fleet. */
export const ALLOWED_ORIGIN = 'https://app.example';

/** The servers' default; only timeouts that a client can observe are needed here. */
export const DEFAULT_ABSOLUTE_TIMEOUT_MS = 12 * 3_600_000;

/** How long a copy in a cookie is trusted, where a check waits for its expiry and needs time for requests before it. */
const COPY_MS = 2_000;

/** Much longer than a check. */
const LONG_MS = 60_000;

const BRIEF: ServerSettings = {
  idleTimeoutMs: 1_000,
  absoluteTimeoutMs: 3_000,
  tokenLifetimeSeconds: 2,
  accessTokenLifetimeSeconds: 2,
  refreshGraceMs: 300,
  cacheStalenessMs: 200,
  introspectionCacheMs: 200,
  cookieCacheMs: 200,
  trackingBoundMs: 200,
  // Longer than the margin that servers add for clocks which differ, so that a forgotten proof shows.
  proofMaxAgeSeconds: 8,
};

export const VARIANTS: Readonly<Record<VariantName, Variant>> = {
  standard: { settings: { allowedOrigins: [ALLOWED_ORIGIN], cookieCacheMs: COPY_MS }, tls: false, parallel: 4 },
  /** Everything expires soon. Its checks mostly wait, so several may run at once. */
  brief: { settings: BRIEF, tls: false, parallel: 8 },
  tls: { settings: {}, tls: true, parallel: 4 },
  /** The settings that the documentation recommends behind TLS. */
  hardened: { settings: { securityHeaders: true }, tls: true, parallel: 4 },
  /** Few failed logins per user are allowed. The limit per address is high, since all clients here share one. */
  limited: {
    settings: { failedLoginsPerUser: 3, failedLoginsPerAddress: 1_000 },
    tls: false,
    parallel: 1,
  },
  /** Few failed logins per address are allowed, and many per user. */
  addressed: {
    settings: { failedLoginsPerUser: 1_000, failedLoginsPerAddress: 4 },
    tls: false,
    parallel: 1,
  },
  /** Logins are timed and never refused for their number; hashing is expensive enough for a difference to show. */
  guessed: {
    settings: { failedLoginsPerUser: 1_000, failedLoginsPerAddress: 1_000 },
    tls: false,
    parallel: 1,
    passwords: { memoryKiB: 8_192, passes: 1, cheap: true },
  },
  /** Credentials end soon, and caches could be used for much longer: a cache must not let one outlive its time. */
  cached: {
    settings: {
      idleTimeoutMs: LONG_MS,
      absoluteTimeoutMs: 2_000,
      tokenLifetimeSeconds: 2,
      cacheStalenessMs: LONG_MS,
      introspectionCacheMs: LONG_MS,
      cookieCacheMs: LONG_MS,
    },
    tls: false,
    parallel: 1,
  },
  /** Its store is frozen and resumed. Cached entries are used for a while, which is waited for. */
  outage: { settings: { introspectionCacheMs: 1_000, cookieCacheMs: COPY_MS }, tls: false, parallel: 1 },
};
