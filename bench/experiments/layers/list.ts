/** The layers that are added to every arm, one at a time and all together. */
import type { ServerSettings } from '../../../servers/configuration.ts';

export const BARE = 'bare';
export const ALL_LAYERS = 'all';
export const TLS_LAYER = 'tls';
export const TRACES_LAYER = 'traces';

export interface Layer {
  readonly name: string;
  /** Shown in the report. */
  readonly title: string;
  readonly tls: boolean;
  readonly settings: ServerSettings;
  /** Whether requests create spans, which are sent to a local sink. */
  readonly traced?: true;
}

/** A limit so high that no request of the load is refused: only the cost of counting is measured. */
const OUT_OF_THE_WAY = 1_000_000_000;

const limit = (where: 'local' | 'redis'): ServerSettings => ({ rateLimit: where, requestsPerMinute: OUT_OF_THE_WAY });
const headers: ServerSettings = { securityHeaders: true };

/** The others are compared with the first. */
export const LAYERS: readonly Layer[] = [
  { name: BARE, title: 'nothing', tls: false, settings: {} },
  { name: TLS_LAYER, title: 'TLS 1.3 on keep-alive connections', tls: true, settings: {} },
  {
    name: 'rate-limit-local',
    title: 'a rate limit with counters in the process',
    tls: false,
    settings: limit('local'),
  },
  { name: 'rate-limit-redis', title: 'a rate limit with counters in Redis', tls: false, settings: limit('redis') },
  { name: 'headers', title: 'security headers', tls: false, settings: headers },
  { name: 'metrics', title: 'metrics for Prometheus', tls: false, settings: { metrics: true } },
  { name: TRACES_LAYER, title: 'a span for each request', tls: false, settings: {}, traced: true },
  {
    name: ALL_LAYERS,
    title: 'TLS, a rate limit in Redis and security headers',
    tls: true,
    settings: { ...limit('redis'), ...headers },
  },
];
