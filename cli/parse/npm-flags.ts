/** Finds flags that npm took for its own because the `--` before them was forgotten. Pure. */
import type { FlagTable } from '../command.ts';

interface Swallowed {
  readonly flags: readonly string[];
  /** The command line as it was meant. */
  readonly meant: string;
}

/**
 * `npm run bench --arms=none` hands no flag on to the command: npm reads it as a setting of its own and puts it into
 * the environment, as `npm_config_arms=none`.
 * @returns null if npm took none of these flags, or if the command was not started by npm
 */
export function flagsTakenByNpm(
  name: string,
  argv: readonly string[],
  table: FlagTable,
  env: Readonly<Record<string, string | undefined>>,
): Swallowed | null {
  const script = env.npm_lifecycle_event;
  // Started by another script, the variables speak of that one.
  if (script !== name && script !== 'tollgate') return null;
  const taken = Object.entries(table).flatMap(([flag, { value: placeholder }]) => {
    const value = env[`npm_config_${flag.replaceAll('-', '_')}`];
    const wasHandedOn = argv.some((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
    if (value === undefined || value === '' || wasHandedOn) return [];
    if (placeholder === undefined) return [`--${flag}`];
    return [`--${flag} ${value === 'true' ? placeholder : value}`];
  });
  if (taken.length === 0) return null;
  const command = script === 'tollgate' ? `tollgate -- ${name}` : `${name} --`;
  return { flags: taken.map((flag) => flag.split(' ', 1)[0] ?? ''), meant: `npm run ${command} ${taken.join(' ')}` };
}
