/** The application of one arm: Fastify's options, the stores, the scheme, and the routes around it. */
import type { FastifyInstance } from 'fastify';
import type { Arm } from '../arms.ts';
import type { ChainPlace, CompanionAddresses, RequestWork, Secrets, TlsOptions, UserRecord } from '../configuration.ts';
import { createDirectory } from '../directory.ts';
import { StartError } from '../errors.ts';
import type { RedisAddress } from '../redis-address.ts';
import { DEFAULT_SETTINGS, type SchemeFactory, type SchemeSettings } from '../scheme.ts';
import { localAccounts, redisAccounts } from '../stores/accounts.ts';
import type { RedisStore } from '../stores/redis.ts';
import { installBurn } from './burn.ts';
import { installCors } from './cors.ts';
import type { EdgeOptions } from './edge/app.ts';
import { createFastify } from './fastify.ts';
import { installFormBodies } from './form-bodies.ts';
import { createLoginLimit } from './login-limit.ts';
import { installProblems } from './problems.ts';
import { installRateLimit } from './rate-limit.ts';
import { installWork } from './request-work.ts';
import { installGuardedRoutes, installHealth, installPublic } from './routes.ts';
import { installSecurityHeaders } from './security-headers.ts';

export interface AppOptions {
  readonly arm: Arm;
  readonly secrets: Secrets;
  readonly users: readonly UserRecord[];
  /** An arm that uses Redis needs it; others ignore it. */
  readonly redis?: RedisAddress | undefined;
  /** An arm that declares companions needs them; others ignore them. */
  readonly companions?: CompanionAddresses | undefined;
  readonly settings?: Partial<SchemeSettings> | undefined;
  /** If present, the server speaks HTTPS, and cookies are sent over HTTPS only. */
  readonly tls?: TlsOptions | undefined;
  /** A known slowdown: arithmetic before each request; default none. */
  readonly burnIterations?: number | undefined;
  /** Additional work for every request. It may use `redis` even if the arm does not. */
  readonly work?: RequestWork | undefined;
  /** Where it forwards `GET /me` to; absent for a server that is not part of a chain. */
  readonly chain?: ChainPlace | undefined;
  /** Called on close, before anything is closed. */
  readonly beforeClose?: (() => Promise<void>) | undefined;
  /** Milliseconds since the epoch; tests advance it. */
  readonly now?: () => number;
  /** The clock of shared stores, in ms since the epoch; by default Redis' own. For tests. */
  readonly storeNow?: () => number;
}

/**
 * Builds the application for clients of an arm, connected and ready to listen. Closing it closes its stores. With an
 * edge, it is the edge, in this process, and the replica behind it is already listening. @throws StartError if a key
 * is too weak, or Redis or a companion is missing or cannot be used
 */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  if (options.arm.loadEdge === undefined) return buildReplica(options);
  const replica = await buildBehindEdge(options);
  return buildEdgeOf({ ...options, behind: replica.url, onClose: () => replica.app.close() });
}

/** The options of an edge in front of a replica, without the replica's own. */
export type EdgeStart = Pick<AppOptions, 'arm' | 'companions' | 'settings' | 'tls' | 'now'> &
  Pick<EdgeOptions, 'behind' | 'onClose'>;

/** @throws StartError BAD_START if the arm has no edge, or its certificate cannot be used */
export async function buildEdgeOf({ arm, companions = {}, ...rest }: EdgeStart): Promise<FastifyInstance> {
  if (arm.loadEdge === undefined) throw new StartError('BAD_START', `The arm ${arm.info.name} has no edge.`);
  const [{ buildEdge }, edge] = await Promise.all([import('./edge/app.ts'), arm.loadEdge()]);
  return buildEdge({ ...rest, settings: { ...arm.settings, ...rest.settings }, arm: arm.info, edge, companions });
}

const LOOPBACK = '127.0.0.1';

/**
 * Builds the replica behind an edge, and listens on a free port on loopback. Browser settings and the client's
 * connection are the edge's concern. @throws StartError as `buildApp` does
 */
export async function buildBehindEdge(
  options: AppOptions,
): Promise<{ app: FastifyInstance; url: string; port: number }> {
  const { tls, settings, ...rest } = options;
  const app = await buildReplica({
    ...rest,
    settings: {
      secureCookies: tls !== undefined,
      ...settings,
      // Shared counts are in a Redis that only the replica can reach.
      rateLimit: settings?.rateLimit === 'redis' ? 'redis' : 'off',
      trustedProxies: [LOOPBACK],
      allowedOrigins: [],
      securityHeaders: false,
    },
  });
  try {
    const url = await app.listen({ host: LOOPBACK, port: 0 });
    return { app, url, port: Number(new URL(url).port) };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** The application of a replica itself. @throws StartError as `buildApp` does */
async function buildReplica(options: AppOptions): Promise<FastifyInstance> {
  const { name, companions = [] } = options.arm.info;
  const missing = companions.find((kind) => options.companions?.[kind] === undefined);
  if (missing !== undefined) {
    const message = `The arm ${name} needs its ${missing}: name it under companions.`;
    throw new StartError('COMPANION_MISSING', message);
  }
  const factory = await options.arm.load();
  const redis = await connectFor(options);
  try {
    return await assemble(options, factory, redis);
  } catch (error) {
    redis?.client.disconnect();
    throw error;
  }
}

async function assemble(
  options: AppOptions,
  factory: SchemeFactory,
  connected: RedisStore | null,
): Promise<FastifyInstance> {
  // The rate limit of an arm without Redis may use a Redis that the arm does not.
  const redis = options.arm.info.usesRedis ? connected : null;
  const { secrets, companions = {}, now = Date.now } = options;
  const directory = createDirectory(options.users);
  const ownAccounts = redis === null ? localAccounts() : redisAccounts(redis);
  const settings = {
    ...DEFAULT_SETTINGS,
    secureCookies: options.tls !== undefined,
    ...options.arm.settings,
    ...options.settings,
  };
  const made = factory({ secrets, directory, accounts: ownAccounts, redis, companions, settings, now });
  const accounts = made.accounts ?? ownAccounts;
  const scheme = settings.csrfProtection ? made : { ...made, verifyCsrf: null };

  const app = createFastify(options.tls, settings.trustedProxies);
  app.addHook('onClose', async () => connected?.client.disconnect());
  if (options.beforeClose !== undefined) app.addHook('preClose', options.beforeClose);
  // A form can be posted across sites without a preflight; JSON cannot. So only JSON is parsed.
  app.removeContentTypeParser('text/plain');
  if (settings.formBodies) installFormBodies(app);
  installProblems(app, scheme.challenge);
  app.decorateRequest('identity', null);
  app.decorate('spanCounts', null);
  if (settings.traceEndpoint !== null)
    await (await import('./traces.ts')).installTraces(app, settings.traceEndpoint, options.arm.info.name);
  if (settings.metrics) await (await import('./metrics.ts')).installMetrics(app);
  if (settings.securityHeaders) installSecurityHeaders(app, options.tls !== undefined);
  if (settings.rateLimit !== 'off') {
    await installRateLimit(app, settings.rateLimit === 'redis' ? connected : null, settings.requestsPerMinute);
  }
  installCors(app, settings.allowedOrigins, options.arm.info);
  if (options.burnIterations !== undefined) installBurn(app, options.burnIterations);
  if (options.work !== undefined) await installWork(app, options.work, options.redis ?? null, companions);

  const { chain } = options;
  // Loaded lazily, so that a replica outside a chain does not load an HTTP client.
  const forward =
    chain?.next === undefined ? null : (await import('./forward.ts')).createForward(app, chain, secrets, now);
  installHealth(app);
  if (!scheme.coversPublicRoutes) installPublic(app, true);
  // The scheme gets its own context, so that its hooks affect nothing outside it: a store that is down or a stale cookie
  // then cannot break, or slow down, a route that needs no credential.
  await app.register(async (scope) => {
    await scheme.install(scope);
    if (scheme.coversPublicRoutes) installPublic(scope, false);
    const loginLimit = await createLoginLimit(scope, redis, settings);
    installGuardedRoutes(scope, { scheme, directory, accounts, loginLimit, forward });
  });
  await app.ready();
  return app;
}

async function connectFor({ arm, redis, settings, storeNow }: AppOptions): Promise<RedisStore | null> {
  const isNeeded = arm.info.usesRedis || settings?.rateLimit === 'redis';
  if (!isNeeded) return null;
  if (redis === undefined) {
    throw new StartError(
      'REDIS_MISSING',
      `The arm ${arm.info.name} keeps ${arm.info.usesRedis ? 'its state' : 'the rate limit'} in Redis: give it a Redis URL.`,
    );
  }
  // Loaded lazily, so that a replica without Redis does not load its client.
  const { connectRedis } = await import('../stores/redis.ts');
  const { redisDefaults, redisAutoPipelining } = { ...arm.settings, ...settings };
  return connectRedis(redis, redisDefaults, redisAutoPipelining, storeNow);
}
