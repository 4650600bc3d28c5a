/** A replica without a parent, for containers: the environment and a file replace the start message. */
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Static } from 'typebox';
import { CompanionAddresses, Secrets, UserRecord } from '../configuration.ts';
import { StartError } from '../errors.ts';
import type { StartMessage } from '../messages.ts';
import { Type } from '../schema.ts';
import { faultIn, fits } from '../validate.ts';

/** The schema of the file at TOLLGATE_SECRETS_FILE: `secrets`, `users` and `companions` as in the start message. */
const SecretsFile = Type.Object(
  { secrets: Secrets, users: Type.Array(UserRecord), companions: Type.Optional(CompanionAddresses) },
  { additionalProperties: false },
);

export interface Standalone {
  readonly start: Omit<StartMessage, 'type'>;
  readonly allowRemote: boolean;
}

/**
 * Reads TOLLGATE_ARM, TOLLGATE_SECRETS_FILE, HOST, PORT, REDIS_URL, REDIS_CLUSTER, TOLLGATE_ALLOW_REMOTE and
 * TOLLGATE_TRUSTED_PROXIES (addresses or networks, separated by commas). Keys in Redis
 * are prefixed with the arm's name, so that arms can share a Redis.
 * @throws StartError BAD_START, naming the variable
 */
export function readStandalone(env: NodeJS.ProcessEnv): Standalone {
  const arm = env.TOLLGATE_ARM;
  if (!arm) throw new StartError('BAD_START', 'Set TOLLGATE_ARM to the arm to serve, such as session-redis.');
  const port = Number(env.PORT ?? '3000');
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new StartError('BAD_START', `PORT must be a number from 0 to 65535, not ${env.PORT}.`);
  }
  const { secrets, users, companions } = readSecretsFile(env.TOLLGATE_SECRETS_FILE);
  const redisUrl = env.REDIS_URL;
  const inCluster = env.REDIS_CLUSTER === '1' ? ({ cluster: true } as const) : {};
  return {
    start: {
      arm,
      host: env.HOST ?? '127.0.0.1',
      port,
      secrets,
      users,
      ...(companions === undefined ? {} : { companions }),
      ...trustedProxies(env.TOLLGATE_TRUSTED_PROXIES),
      ...(redisUrl ? { redis: { url: redisUrl, keyPrefix: `${arm}:`, ...inCluster } } : {}),
    },
    allowRemote: env.TOLLGATE_ALLOW_REMOTE === '1',
  };
}

function trustedProxies(list = ''): Pick<StartMessage, 'settings'> {
  const proxies = list.split(',').map((each) => each.trim());
  if (list.trim() === '') return {};
  const wrong = proxies.find((each) => isIP(each.replace(/\/\d{1,3}$/, '')) === 0);
  if (wrong !== undefined) {
    throw new StartError(
      'BAD_START',
      `TOLLGATE_TRUSTED_PROXIES must hold addresses or networks such as 10.0.0.0/8, separated by commas, not "${wrong}".`,
    );
  }
  return { settings: { trustedProxies: proxies } };
}

/** Anyone who may write the file can choose the keys, and so sign tokens. */
const EVERYBODY_WRITES = 0o002;

function readSecretsFile(path: string | undefined): Static<typeof SecretsFile> {
  if (!path)
    throw new StartError('BAD_START', 'Set TOLLGATE_SECRETS_FILE to a JSON file {"secrets": …, "users": […]}.');
  let value: unknown;
  try {
    const { mode } = statSync(path);
    if ((mode & EVERYBODY_WRITES) !== 0) {
      throw new StartError('BAD_START', `TOLLGATE_SECRETS_FILE ${path} can be written by everybody: chmod 600 it.`);
    }
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    // The parser's message quotes the text, which contains secrets.
    throw new StartError('BAD_START', `TOLLGATE_SECRETS_FILE ${path} cannot be read as JSON.`, { cause });
  }
  if (!fits(SecretsFile, value)) {
    throw new StartError('BAD_START', `TOLLGATE_SECRETS_FILE is wrong at ${faultIn(SecretsFile, value)}.`);
  }
  return value;
}
