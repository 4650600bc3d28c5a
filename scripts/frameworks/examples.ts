/** The example services, and their installation in a copy. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const EXAMPLES_FOLDER = fileURLToPath(new URL('../../examples/', import.meta.url));

export interface Example {
  /** The name in its configuration. */
  readonly name: string;
  readonly folder: string;
  /** The path of its configuration. */
  readonly config: string;
  /** The store that a request queries; null if none. */
  readonly store: 'Redis' | 'SQLite' | null;
  /** The notable packages, whose versions are shown; none if the runtime suffices. */
  readonly packages: readonly string[];
  readonly runtime: 'Node' | 'Python';
}

const node = { config: 'service.json', store: null, runtime: 'Node' } as const;

export const EXAMPLES: readonly Example[] = [
  {
    ...node,
    name: 'express-session',
    folder: 'express-session',
    store: 'Redis',
    packages: ['express', 'express-session', 'connect-redis', 'redis'],
  },
  { ...node, name: 'express-jsonwebtoken', folder: 'express-jsonwebtoken', packages: ['express', 'jsonwebtoken'] },
  { ...node, name: 'better-auth', folder: 'better-auth', store: 'SQLite', packages: ['better-auth'] },
  {
    ...node,
    name: 'better-auth-cached',
    folder: 'better-auth',
    config: 'service-cached.json',
    store: 'SQLite',
    packages: ['better-auth'],
  },
  { ...node, name: 'authjs-jwe', folder: 'authjs-jwe', packages: ['express', 'jose'] },
  { ...node, name: 'fastify-iron-session', folder: 'fastify-iron-session', packages: ['fastify', 'iron-session'] },
  { ...node, name: 'plain-node-http', folder: 'plain-node-http', store: 'SQLite', packages: [] },
  { ...node, name: 'python-stdlib', folder: 'python-stdlib', packages: [], runtime: 'Python' },
];

/** The distinct folders. */
export const FOLDERS: readonly string[] = [...new Set(EXAMPLES.map(({ folder }) => folder))];

/** Without the settings that npm passes to its children: they would mistake them for the user's own. */
export function npmEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_OPTIONS$|^VITEST|^NODE_ENV$/i.test(name));
  return { ...Object.fromEntries(kept), PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };
}

/**
 * Copies an example, and installs exactly the versions of its lock file.
 *
 * @returns the folder of the copy
 *
 * @throws {Error} with the output of npm
 */
export async function installExample(folder: string, below: string): Promise<string> {
  const copy = join(below, folder);
  cpSync(join(EXAMPLES_FOLDER, folder), copy, {
    recursive: true,
    filter: (source) => !source.includes('node_modules'),
  });
  if (!existsSync(join(copy, 'package-lock.json'))) return copy;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await promisify(execFile)('npm', args, { cwd: copy, env: npmEnvironment(), timeout: 240_000 });
  return copy;
}

/**
 * The environment variables of all configurations.
 *
 * @param state a folder that the example may write to
 */
export function exampleSecrets(state: string, name: string): Record<string, string> {
  return {
    EXAMPLE_SECRET: randomBytes(48).toString('base64url'),
    EXAMPLE_PASSWORD: randomBytes(12).toString('base64url'),
    EXAMPLE_DATABASE: join(state, `${name}.sqlite`),
  };
}

/** @returns the versions of its packages as installed in the copy */
export function versionsIn(copy: string, { packages }: Example): Record<string, string> {
  return Object.fromEntries(
    packages.map((name) => {
      const { version } = JSON.parse(readFileSync(join(copy, 'node_modules', name, 'package.json'), 'utf8')) as {
        version: string;
      };
      return [name, version];
    }),
  );
}
