/**
 * `npm run secrets`: creates the keys, users and passwords that replicas in containers read from files. They are for
 * a fleet on this machine: nothing is printed, and the folder excludes itself from git.
 */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { EXIT, usageError } from '../../../core/errors.ts';
import { type JsonFormat, readJson } from '../../../core/results/json-file.ts';
import { checker } from '../../../core/results/validate.ts';
import { Type } from '../../../core/schema.ts';
import { Secrets } from '../../../servers/configuration.ts';
import type { Command, FlagTable } from '../../command.ts';
import { judgeSecrets, makeContainerSecrets } from '../../fleets/secrets.ts';
import { printNote } from '../../output.ts';
import { readInteger } from '../../parse/values.ts';
import { ROOT } from '../../root.ts';

const MOST_USERS = 10_000;
const DEFAULT_FOLDER = join(ROOT, 'deploy', 'secrets');

const FLAGS = {
  users: { value: 'N', help: `Create this many ordinary users, at most ${MOST_USERS} (default: 10).` },
  out: { value: 'DIR', help: 'Write the files here (default: deploy/secrets).' },
  force: { help: 'Replace existing secrets; running replicas keep the old ones until they are restarted.' },
  check: { help: 'Write nothing; check the length, type and strength of the existing keys.' },
} as const satisfies FlagTable;

export const secrets: Command = {
  flags: FLAGS,
  examples: [
    { args: '', does: 'what docker-compose.yml needs' },
    { args: '--check', does: 'fails if a key is too weak to sign with' },
  ],
  notes: async () => [
    'Files, readable by you alone:',
    '  tollgate.json  keys, and users with hashed passwords, for the replicas',
    '  users.json     usernames and passwords; the last user is an administrator',
    '  compose.env    the Redis password and your user id, for docker compose --env-file',
  ],
  async run({ values, switches, faults, refuseFaults }) {
    const users = readInteger('users', values.users ?? '10', 1, MOST_USERS, faults) ?? 0;
    refuseFaults();
    const folder = values.out ?? DEFAULT_FOLDER;
    const path = join(folder, 'tollgate.json');
    if (switches.has('check')) {
      judgeSecrets(readJson(path, FORMAT).secrets, 'replace them with --force');
      printNote(`The keys in ${relative('.', path)} are strong enough to sign with.`);
      return EXIT.done;
    }
    if (existsSync(path) && !switches.has('force')) {
      throw usageError(`${relative('.', path)} exists already`, 'replace it with --force');
    }
    await makeContainerSecrets(folder, users, 'real');
    printNote(`Wrote keys and ${users + 1} users to ${relative('.', folder) || '.'}.`);
    return EXIT.done;
  },
};

const AGAIN = 'make new secrets: npm run secrets -- --force';
const FORMAT: JsonFormat<{ readonly secrets: Secrets }> = {
  what: 'the secrets',
  version: null,
  check: checker(Type.Object({ secrets: Secrets })),
  hints: { missing: 'make secrets first: npm run secrets', damaged: AGAIN, version: AGAIN },
};
