/** `npm run setup`: parses, installs, prints, exits. Like `main.ts` it imports no package, which may still be missing. */
import { EXIT } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';
import { NEEDS } from '../../scripts/setup/managers.ts';
import { setUp } from '../../scripts/setup/set-up.ts';
import type { Command } from '../command.ts';
import { JSON_OUTPUT } from '../options/shared.ts';
import { printJson, printNote } from '../output.ts';

export const setup: Command = {
  flags: { json: JSON_OUTPUT },
  positionals: [
    {
      name: '[redis] [chromium] [wrk] [valgrind] [postgres] [kubectl] [sshd]',
      help: 'Programs to install (default: redis).',
      repeats: true,
    },
  ],
  examples: [
    { args: '', does: 'Redis or Valkey' },
    { args: 'redis chromium', does: 'what the full profile needs' },
  ],
  notes: async () => [
    'Programs:',
    '  redis     a Redis or Valkey server; nothing is installed if REDIS_URL is set',
    '  chromium  Chromium or Chrome; CHROMIUM_PATH names one that is not on the PATH',
    '  wrk       the load generator wrk, for npm run bench:wrk',
    '  valgrind  counts instructions, for npm run compare -- --instructions',
    '  postgres  a PostgreSQL server, for session-postgres and for tests',
    '  kubectl   for npm run bench -- --fleet kubernetes, and for tests',
    '  sshd      OpenSSH’s server, for the tests of several hosts',
    '',
    'Environment: TOLLGATE_NO_INSTALL=1 installs nothing, and only reports what is missing.',
  ],
  stopsInOrder: true,
  async run({ positionals, switches, faults, refuseFaults, signal }) {
    const known: readonly string[] = NEEDS;
    for (const word of positionals) {
      if (!known.includes(word)) faults.push(`unknown program ${JSON.stringify(word)}: ${nearest(word, known)}`);
    }
    refuseFaults();
    const named = NEEDS.filter((need) => positionals.includes(need));
    const needs = await setUp(named.length > 0 ? named : ['redis'], { env: process.env, signal });
    if (signal.aborted) return EXIT.interrupted;
    if (switches.has('json')) printJson({ needs });
    else {
      for (const { need, status, where } of needs) if (where !== null) printNote(`${need} is ${status}: ${where}`);
    }
    return needs.some(({ status }) => status === 'missing') ? EXIT.environment : EXIT.done;
  },
};
