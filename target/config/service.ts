/** Reads `service.json` and everything that it refers to. All faults are reported at once. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf, UsageError } from '../../core/errors.ts';
import { inertLine, parseJsonText } from '../../core/inert.ts';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';
import { type Fault, faultText } from '../../core/text/schema-faults.ts';
import { withHeaders } from './common-headers.ts';
import type { Launch, Variable } from './launch.ts';
import { type Origin, originsOf, withOrigins } from './origins.ts';
import { placeholdersIn } from './placeholders.ts';
import { Label, type ServiceConfig } from './schema.ts';
import { SecretReader, type Surroundings } from './secrets.ts';
import { semanticFaults } from './sense.ts';
import { readShape, type Shaped } from './shape.ts';
import { checkProgram, directoryOf } from './start.ts';
import { type Store, storesOf } from './stores.ts';

export interface ServiceUser {
  readonly username: string;
  readonly password: string;
  /** The user's name in results; a number if left out. */
  readonly label?: string;
}

/** A configured service, with its secrets. */
export interface Service {
  readonly name: string;
  readonly title: string;
  readonly launch: Launch | null;
  /** URLs, without a path, of a service that is already running. */
  readonly urls: readonly URL[];
  /** Other origins, which run already and take part in the login. */
  readonly origins: readonly Origin[];
  /** PEM; null for http, and if the system's certificates suffice. */
  readonly certificate: string | null;
  /** Whether to trust whichever certificate each replica shows first; only on this machine. */
  readonly pinsCertificates: boolean;
  readonly users: readonly ServiceUser[];
  readonly admin: ServiceUser | null;
  readonly login: ServiceConfig['login'];
  readonly requests: ServiceConfig['requests'];
  readonly identity: string | null;
  readonly revocation: NonNullable<ServiceConfig['revocation']>;
  readonly keys: { readonly key: string | null; readonly publicKey: string | null };
  readonly stores: readonly Store[];
}

/** All faults of a configuration. */
export class ServiceError extends UsageError {
  override readonly name = 'ServiceError';

  constructor(file: string, faults: readonly Fault[]) {
    super(
      faults.map((fault) => inertLine(`${file}: ${faultText(fault)}`)),
      `correct ${file}; its schema is service.schema.json`,
    );
  }
}

/** @throws ServiceError with all faults; UsageError if the file cannot be read */
export function readService(path: string, env: NodeJS.ProcessEnv): Service {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new UsageError(
      [missing ? `${path} not found` : `${path} cannot be read: ${messageOf(error)}`],
      'give the path of a service.json, or create one with npm run target -- init',
    );
  }
  return parseService(path, text, { folder: dirname(resolve(path)), env });
}

/** @throws ServiceError with all faults */
export function parseService(file: string, text: string, surroundings: Surroundings): Service {
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch (error) {
    throw new ServiceError(file, [{ pointer: '', message: `is not JSON: ${messageOf(error)}`, hint: '' }]);
  }
  const shaped = readShape(value);
  const reader = new SecretReader(surroundings);
  const service = serviceOf(shaped, reader, surroundings);
  const faults = [...shaped.faults, ...semanticFaults(shaped), ...reader.faults];
  if (faults.length > 0 || service === null) throw new ServiceError(file, faults);
  return service;
}

/**
 * Reads what the valid parts refer to.
 *
 * @returns null if any other part has a fault of shape
 */
function serviceOf(shaped: Shaped, reader: SecretReader, surroundings: Surroundings): Service | null {
  const { config, faults, isRight } = shaped;
  const launch = launchOf(shaped, reader, surroundings);
  const certificate =
    isRight('/certificate') && config.certificate !== undefined
      ? reader.file('/certificate', config.certificate)
      : null;
  const users = isRight('/users') ? usersOf(config.users, reader) : [];
  const admin =
    isRight('/admin') && config.admin !== undefined
      ? { username: config.admin.username, password: reader.read('/admin/password', config.admin.password) }
      : null;
  const { key, publicKey } = (isRight('/token') ? config.token : undefined) ?? {};
  const keys = {
    key: key === undefined ? null : reader.read('/token/key', key),
    publicKey: publicKey === undefined ? null : reader.file('/token/publicKey', publicKey),
  };
  const stores = storesOf(shaped, reader, surroundings);
  if (faults.length > 0) return null;
  const origins = originsOf(config, certificate);
  return {
    name: config.name,
    title: config.title ?? config.name,
    launch,
    urls: (config.urls ?? []).flatMap((text) => (URL.canParse(text) ? new URL(text) : [])),
    origins,
    certificate,
    pinsCertificates: false,
    users,
    admin,
    ...withOrigins(withHeaders(config), origins),
    identity: config.identity ?? null,
    revocation: config.revocation ?? 'at-once',
    keys,
    stores,
  };
}

type Start = NonNullable<ServiceConfig['start']>;

/**
 * Checks each valid part of `start`.
 *
 * @returns null if any other part is invalid
 */
function launchOf(
  { config, isKnown, isRight }: Shaped,
  reader: SecretReader,
  surroundings: Surroundings,
): Launch | null {
  const { start } = config;
  if (!isKnown('/start') || start === undefined) return null;
  const directory = isRight('/start/directory') ? directoryOf('/start', start.directory, reader, surroundings) : null;
  if (directory !== null && isRight('/start/command'))
    checkProgram('/start', start.command, directory, reader, surroundings);
  const environment = isRight('/start/environment') ? environmentOf(start, reader) : [];
  if (!isRight('/start')) return null;
  const { command, ready } = start;
  const hasPort = placeholdersIn([command, start.environment ?? {}]).includes('port');
  return {
    command,
    directory: directory ?? '',
    environment: Object.fromEntries(hasPort ? environment : [...environment, ['PORT', { text: '{{port}}' }]]),
    replicas: start.replicas ?? 2,
    speaksTls: start.https ?? config.certificate !== undefined,
    ready: ready === undefined ? null : { path: ready.path, status: ready.status ?? 200 },
    readyWithinMs: 1000 * (start.readyWithinSeconds ?? 30),
    stopWithinMs: 1000 * (start.stopWithinSeconds ?? 3),
  };
}

function environmentOf({ environment = {} }: Start, reader: SecretReader): [name: string, value: Variable][] {
  return Object.entries(environment).map(([name, value]) => {
    if (typeof value === 'string') return [name, { text: value }];
    if ('from' in value) return [name, value];
    return [name, { secret: reader.read(`/start/environment/${name}`, value) }];
  });
}

const checkUsers = checker(
  Type.Array(
    Type.Object({
      username: Type.String({ minLength: 1 }),
      password: Type.String({ minLength: 1 }),
      label: Type.Optional(Label),
    }),
    { minItems: 1, maxItems: 1000 },
  ),
);

function usersOf(users: ServiceConfig['users'], reader: SecretReader): readonly ServiceUser[] {
  if (Array.isArray(users)) {
    return users.map(({ username, password, label }, i) => ({
      username,
      password: reader.read(`/users/${i}/password`, password),
      ...(label === undefined ? {} : { label }),
    }));
  }
  const text = reader.read('/users', users);
  if (text === '') return [];
  const checked = checkUsers(parsed(text));
  if (checked.ok) return checked.value;
  // The reason must not quote the file, which contains passwords.
  reader.faults.push({
    pointer: '/users',
    message: 'is not a JSON list of users',
    hint: '[{"username": "alice", "password": "…"}]',
  });
  return [];
}

function parsed(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch {
    return undefined;
  }
}
