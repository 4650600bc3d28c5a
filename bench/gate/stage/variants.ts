/** The kinds of fleet that checks ask for. A check that waits for an end needs one that comes within a second or so. */
import type { ServerSettings } from '../../../servers/contract.ts';
import type { Argon2Setting } from '../../fleet/secrets.ts';

export type VariantName = 'standard' | 'brief' | 'tls' | 'limited' | 'guessed' | 'outage';

export interface Variant {
  /** Sent in the start message; what is not named has the server's default. */
  readonly settings: ServerSettings;
  readonly tls: boolean;
  /** Checks that may run at once on one fleet. */
  readonly parallel: number;
  /** How its users' passwords are hashed, where it is not as cheaply as can be. */
  readonly passwords?: Argon2Setting;
}

/** An origin whose pages may read replies of the standard fleet, and so the only one. */
export const ALLOWED_ORIGIN = 'https://app.example';

/** As the servers have it where nothing is said; only the ends that a client can be told of are needed here. */
export const DEFAULT_ABSOLUTE_TIMEOUT_MS = 12 * 3_600_000;

const BRIEF: ServerSettings = {
  idleTimeoutMs: 1_000,
  absoluteTimeoutMs: 3_000,
  tokenLifetimeSeconds: 2,
  accessTokenLifetimeSeconds: 2,
  refreshGraceMs: 300,
  cacheStalenessMs: 200,
};

export const VARIANTS: Readonly<Record<VariantName, Variant>> = {
  standard: { settings: { allowedOrigins: [ALLOWED_ORIGIN] }, tls: false, parallel: 4 },
  /** Everything ends soon. Its checks mostly wait, so many may wait at once. */
  brief: { settings: BRIEF, tls: false, parallel: 8 },
  tls: { settings: {}, tls: true, parallel: 4 },
  /** Few failed logins per user. Those per address are left wide, since all clients here share one. */
  limited: {
    settings: { failedLoginsPerUser: 3, failedLoginsPerAddress: 1_000 },
    tls: false,
    parallel: 1,
  },
  /** Logins are timed and none is refused for their number; passwords are dear enough for a difference to show. */
  guessed: {
    settings: { failedLoginsPerUser: 1_000, failedLoginsPerAddress: 1_000 },
    tls: false,
    parallel: 1,
    passwords: { memoryKiB: 8_192, passes: 1, cheap: true },
  },
  /** Its Redis is frozen and thawed. */
  outage: { settings: {}, tls: false, parallel: 1 },
};
