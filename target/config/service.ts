/** Reads `service.json` with everything that it refers to. All its faults are told at once. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Type } from 'typebox';
import { findOnPath } from '../../bench/processes/executables.ts';
import { messageOf, UsageError } from '../../core/errors.ts';
import { inertLine } from '../../core/inert.ts';
import { checker } from '../../core/results/validate.ts';
import { isLoopback } from '../owner/hosts.ts';
import { fill, placeholdersIn } from './placeholders.ts';
import type { Request, ServiceConfig } from './schema.ts';
import { SecretReader, type Surroundings } from './secrets.ts';
import { faultsOfSense } from './sense.ts';
import { type Fault, readShape } from './shape.ts';

export interface ServiceUser {
  readonly username: string;
  readonly password: string;
}

/** How one replica is started. */
export interface Launch {
  readonly command: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly replicas: number;
  /** Null where an open port is enough. */
  readonly ready: { readonly path: string; readonly status: number } | null;
  readonly readyWithinMs: number;
  readonly stopWithinMs: number;
}

/** A service as it is configured, with its secrets. */
export interface Service {
  readonly name: string;
  readonly title: string;
  readonly launch: Launch | null;
  /** Where it runs, where it is not started; without a path. */
  readonly urls: readonly URL[];
  /** PEM; null for http. */
  readonly certificate: string | null;
  readonly users: readonly ServiceUser[];
  readonly admin: ServiceUser | null;
  readonly login: ServiceConfig['login'];
  readonly requests: ServiceConfig['requests'];
  readonly identity: string | null;
  readonly revocation: NonNullable<ServiceConfig['revocation']>;
  readonly keys: { readonly key: string | null; readonly publicKey: string | null };
  readonly redisUrl: string | null;
}

/** Every fault of a configuration. */
export class ServiceError extends UsageError {
  override readonly name = 'ServiceError';

  constructor(file: string, faults: readonly Fault[]) {
    super(
      faults.map(({ pointer, message, hint }) =>
        inertLine(`${file}: ${pointer === '' ? 'the file' : pointer} ${message}${hint === '' ? '' : ` (${hint})`}`),
      ),
      `correct ${file}; its schema is service.schema.json`,
    );
  }
}

/** @throws ServiceError with all faults; UsageError where the file cannot be read */
export function readService(path: string, env: NodeJS.ProcessEnv): Service {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new UsageError(
      [missing ? `${path} not found` : `${path} cannot be read: ${messageOf(error)}`],
      'name a service.json, or write one with npm run target -- init',
    );
  }
  return parseService(path, text, { folder: dirname(resolve(path)), env });
}

/** @throws ServiceError with all faults */
export function parseService(file: string, text: string, surroundings: Surroundings): Service {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ServiceError(file, [{ pointer: '', message: `is not JSON: ${messageOf(error)}`, hint: '' }]);
  }
  const shape = readShape(value);
  if ('faults' in shape) throw new ServiceError(file, shape.faults);
  const { config } = shape;
  const reader = new SecretReader(surroundings);
  const launch = config.start === undefined ? null : launchOf(config.start, reader, surroundings);
  const service: Service = {
    name: config.name,
    title: config.title ?? config.name,
    launch,
    urls: (config.urls ?? []).flatMap((url) => (URL.canParse(url) ? new URL(url) : [])),
    certificate: config.certificate === undefined ? null : reader.file('/certificate', config.certificate),
    users: usersOf(config.users, reader),
    admin:
      config.admin === undefined
        ? null
        : { username: config.admin.username, password: reader.read('/admin/password', config.admin.password) },
    login: config.login,
    requests: config.requests,
    identity: config.identity ?? null,
    revocation: config.revocation ?? 'at-once',
    keys: {
      key: config.token?.key === undefined ? null : reader.read('/token/key', config.token.key),
      publicKey: config.token?.publicKey === undefined ? null : reader.file('/token/publicKey', config.token.publicKey),
    },
    redisUrl: config.stores?.redis === undefined ? null : redisUrl(config.stores.redis, reader),
  };
  const faults = [...faultsOfSense(config), ...reader.faults];
  if (faults.length > 0) throw new ServiceError(file, faults);
  return service;
}

function redisUrl(secret: Parameters<SecretReader['read']>[1], reader: SecretReader): string {
  const url = reader.read('/stores/redis', secret);
  if (url === '') return url;
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url))
    reader.faults.push({
      pointer: '/stores/redis',
      message: 'is not the URL of a Redis',
      hint: 'redis://127.0.0.1:6379',
    });
  else if (!isLoopback(new URL(url).hostname))
    reader.faults.push({
      pointer: '/stores/redis',
      message: 'names a Redis that is not on this machine',
      hint: 'leave it out: its commands are then not counted',
    });
  return url;
}

function launchOf(
  start: NonNullable<ServiceConfig['start']>,
  reader: SecretReader,
  { folder, env }: Surroundings,
): Launch {
  const { command, ready, environment = {} } = start;
  const directory = resolve(folder, start.directory ?? '.');
  const isFolder = existsSync(directory) && statSync(directory).isDirectory();
  if (!isFolder)
    reader.faults.push({
      pointer: '/start/directory',
      message: `names ${directory}, which is not a folder`,
      hint: 'paths are relative to service.json',
    });
  const [program = ''] = command;
  const isFound = program.includes('/')
    ? existsSync(resolve(directory, program))
    : findOnPath([program], env.PATH ?? '');
  if (isFolder && !isFound)
    reader.faults.push({
      pointer: '/start/command/0',
      message: `names ${program}, which is not found`,
      hint: program.includes('/') ? 'its path is relative to start.directory' : 'install it, or give its path',
    });
  const values = Object.entries(environment).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : reader.read(`/start/environment/${name}`, value),
  ]);
  const hasPort = placeholdersIn([command, environment]).includes('port');
  return {
    command,
    directory,
    environment: Object.fromEntries(hasPort ? values : [...values, ['PORT', '{{port}}']]),
    replicas: start.replicas ?? 2,
    ready: ready === undefined ? null : { path: ready.path, status: ready.status ?? 200 },
    readyWithinMs: 1000 * (start.readyWithinSeconds ?? 30),
    stopWithinMs: 1000 * (start.stopWithinSeconds ?? 3),
  };
}

/** The command and environment of the replica on this port. */
export function onPort({ command, environment }: Launch, port: number) {
  const values = { port: String(port) };
  return {
    command: command.map((argument) => fill(argument, values)),
    environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fill(value, values)])),
  };
}

const checkUsers = checker(
  Type.Array(Type.Object({ username: Type.String({ minLength: 1 }), password: Type.String({ minLength: 1 }) }), {
    minItems: 1,
    maxItems: 1000,
  }),
);

function usersOf(users: ServiceConfig['users'], reader: SecretReader): readonly ServiceUser[] {
  if (Array.isArray(users)) {
    return users.map(({ username, password }, i) => ({
      username,
      password: reader.read(`/users/${i}/password`, password),
    }));
  }
  const text = reader.read('/users', users);
  if (text === '') return [];
  const checked = checkUsers(parsed(text));
  if (checked.ok) return checked.value;
  // The reason may not quote the file: it holds passwords.
  reader.faults.push({
    pointer: '/users',
    message: 'names something other than a JSON list of users',
    hint: '[{"username": "alice", "password": "…"}]',
  });
  return [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Its success, as it is configured. */
export function isSuccess(request: Request, status: number): boolean {
  return [request.status ?? 200].flat().includes(status);
}
