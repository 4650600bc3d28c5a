/** Finds flags that npm consumed because the `--` before them was forgotten. Pure. */
import type { FlagTable } from '../command.ts';

interface Swallowed {
  readonly flags: readonly string[];
  /** The intended command line. */
  readonly meant: string;
}

/**
 * `npm run bench --arms=none` passes no flag to the command: npm reads it as one of its own settings and puts it into
 * the environment, as `npm_config_arms=none`. @returns null if npm consumed none of these flags, or if the command
 * was not started by npm
 */
export function flagsTakenByNpm(
  name: string,
  argv: readonly string[],
  table: FlagTable,
  env: Readonly<Record<string, string | undefined>>,
): Swallowed | null {
  const script = env.npm_lifecycle_event;
  // If another script started this one, the variables belong to that script.
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
