/** The flag for a second opinion by another load generator. */
import { SCALE } from '../../bench/experiments/scale/index.ts';
import { wrkPath } from '../../bench/load/wrk/program.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { Faults } from '../command.ts';
import { readChoice } from '../parse/values.ts';

export const ENGINE = {
  value: 'NAME',
  help: 'Also measure the throughput of scale with another load generator, alternating with our own: wrk (default: none).',
} as const;

type Values = Readonly<Record<string, string | undefined>>;

/** @returns a part of the configuration */
export function readEngine({ engine }: Values, faults: Faults): Pick<RunConfig, 'engine'> {
  if (engine === undefined) return {};
  const chosen = readChoice('engine', engine, ['wrk'] as const, faults);
  return chosen === null ? {} : { engine: chosen };
}

/** Parts of the run that do not support it. */
export function engineFaults(
  { engine, experiments }: Pick<RunConfig, 'engine' | 'experiments'>,
  { hosts, fleet }: Values,
): string[] {
  if (engine === undefined) return [];
  return [
    ...(experiments.includes(SCALE) ? [] : [`--engine measures in ${SCALE}: add it to --experiments, or leave it out`]),
    ...(hosts === undefined ? [] : ['--engine runs wrk on this machine: omit it, or omit --hosts']),
    ...(fleet === undefined ? [] : ['--engine runs wrk on this machine: omit it, or omit --fleet']),
  ];
}

/** @throws TollgateError if the engine's program is missing, with how to install it */
export function refuseMissingEngine({ engine }: Pick<RunConfig, 'engine'>): void {
  if (engine === 'wrk') wrkPath();
}
