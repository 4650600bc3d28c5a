/** `tollgate.config.json`: what CI compares, and its limits. All faults are reported at once. */

import { existsSync, readFileSync } from 'node:fs';
import type { Static } from 'typebox';
import { Compile } from 'typebox/schema';
import { messageOf, UsageError } from '../errors.ts';
import { parseJsonText } from '../inert.ts';
import { isRecord } from '../own-value.ts';
import { everyError } from '../results/validate.ts';
import { Type } from '../schema.ts';
import { type Names, parseExpression } from './expression.ts';
import type { Threshold } from './judge.ts';

const CONFIG_FILE = 'tollgate.config.json';

const TIME = '^\\d+(\\.\\d+)?(ms|s|m|h)?$';

const closed = { additionalProperties: false } as const;

const Limit = Type.Union([
  Type.String({ description: 'metric, comparison and number: cpu_toll_us < 60, or latency_us{quantile=p99} <= 2000' }),
  Type.Object(
    {
      limit: Type.String({ description: 'metric, comparison and number' }),
      strict: Type.Optional(
        Type.Boolean({
          description: 'true also fails if the interval includes the limit, or nothing was measured',
        }),
      ),
    },
    closed,
  ),
]);

export const Config = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    compare: Type.Optional(
      Type.Object(
        {
          arms: Type.Optional(Type.Array(Type.String(), { minItems: 1, description: 'arms to compare' })),
          marginPct: Type.Optional(
            Type.Number({
              exclusiveMinimum: 0,
              maximum: 100,
              description: 'tolerated difference, in percent',
            }),
          ),
          budget: Type.Optional(Type.String({ pattern: TIME, description: 'total time, such as 90s or 3m' })),
        },
        { ...closed, description: 'defaults for npm run compare' },
      ),
    ),
    strict: Type.Optional(Type.Boolean({ description: 'true makes every limit strict, like the flag --strict' })),
    thresholds: Type.Optional(
      Type.Record(Type.String(), Type.Array(Limit), {
        description: 'limits by arm name, or * for every arm; checked after npm run bench and npm run compare',
      }),
    ),
  },
  { ...closed, title: 'tollgate.config.json' },
);
type ConfigShape = Static<typeof Config>;

/** The contents of the schema file in the repository; a test keeps them equal. */
export function configSchema(): Record<string, unknown> {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...Config };
}

export interface TollgateConfig {
  readonly compare: NonNullable<ConfigShape['compare']>;
  readonly thresholds: readonly Threshold[];
}

export const NO_CONFIG: TollgateConfig = { compare: {}, thresholds: [] };

/** Every fault of a configuration. */
export class ConfigError extends UsageError {
  override readonly name = 'ConfigError';

  constructor(file: string, faults: readonly string[]) {
    super(
      faults.map((fault) => `${file}: ${fault}`),
      `correct ${file}; its schema is tollgate.config.schema.json`,
    );
  }
}

export interface Vocabulary extends Names {
  readonly arms: readonly string[];
}

const compiled = Compile(Config);

/** @throws ConfigError with all faults */
export function parseConfig(file: string, text: string, vocabulary: Vocabulary): TollgateConfig {
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch (error) {
    throw new ConfigError(file, [`it is not JSON: ${messageOf(error)}`]);
  }
  // Names are checked even if the shape is wrong, so that one fault does not hide another.
  const faults = shapeFaults(value, vocabulary.near);
  const { arms, near } = vocabulary;
  const armFault = (where: string, name: string) =>
    faults.push(`${where}: there is no arm ${JSON.stringify(name)}; ${near(name, arms)}`);
  for (const name of namesIn(at(at(value, 'compare'), 'arms'))) {
    if (!arms.includes(name)) armFault('compare.arms', name);
  }
  const all = at(value, 'strict') === true;
  const thresholds: Threshold[] = [];
  for (const [arm, limits] of entriesOf(at(value, 'thresholds'))) {
    if (arm !== '*' && !arms.includes(arm)) armFault('thresholds', arm);
    for (const [i, limit] of (Array.isArray(limits) ? limits : []).entries()) {
      const written: unknown = typeof limit === 'string' ? limit : at(limit, 'limit');
      if (typeof written !== 'string') continue;
      const parsed = parseExpression(written, vocabulary);
      const strict = all || at(limit, 'strict') === true;
      if (parsed.ok) thresholds.push({ arm: arm === '*' ? null : arm, expression: parsed.expression, strict });
      else faults.push(`thresholds.${arm}.${i}: ${parsed.fault}`);
    }
  }
  if (faults.length > 0 || !compiled.Check(value)) throw new ConfigError(file, faults);
  return { compare: value.compare ?? {}, thresholds };
}

const at = (value: unknown, key: string): unknown =>
  isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
const entriesOf = (value: unknown) => (isRecord(value) ? Object.entries(value) : []);
const namesIn = (value: unknown) =>
  Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string') : [];

/** Reports unknown keys with suggestions, and all other faults in the schema's terms. */
function shapeFaults(value: unknown, near: Vocabulary['near']): string[] {
  const faults = new Set<string>();
  for (const { instancePath, message, keyword, params } of everyError(compiled, value)) {
    const where = instancePath === '' ? 'the top' : instancePath.slice(1).replaceAll('/', '.');
    if (keyword === 'additionalProperties' && 'additionalProperties' in params) {
      const known = knownKeys(instancePath);
      for (const key of params.additionalProperties as string[]) {
        faults.add(`${where} has an unknown key ${JSON.stringify(key)}; ${near(key, known)}`);
      }
    } else if (keyword === 'pattern') faults.add(`${where} must be a time such as 90s or 3m`);
    else if (keyword !== 'boolean' && keyword !== 'anyOf') faults.add(`${where} ${message}`);
  }
  return [...faults];
}

function knownKeys(path: string): string[] {
  if (path === '') return ['compare', 'strict', 'thresholds'];
  return path === '/compare' ? ['arms', 'marginPct', 'budget'] : ['limit', 'strict'];
}

/**
 * @param file null reads `tollgate.config.json` of this folder, if it exists @throws ConfigError; TollgateError
 * (usage) if a named file does not exist
 */
export function readConfig(file: string | null, vocabulary: Vocabulary): TollgateConfig {
  const path = file ?? CONFIG_FILE;
  if (!existsSync(path)) {
    if (file === null) return NO_CONFIG;
    throw new UsageError([`--config: ${path} not found`], 'name another file, or leave --config out');
  }
  return parseConfig(path, readFileSync(path, 'utf8'), vocabulary);
}
