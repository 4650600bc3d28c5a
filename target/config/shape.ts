/** What is wrong with the shape of `service.json`: one fault for each place, in words of the schema. Pure. */
import { Compile } from 'typebox/compile';
import { everyError } from '../../core/results/validate.ts';
import { nearest } from '../../core/text/nearest.ts';
import { escapePointer, valueAt } from './placeholders.ts';
import { ServiceConfig } from './schema.ts';

export interface Fault {
  /** A JSON pointer into the file; empty for the whole of it. */
  readonly pointer: string;
  readonly message: string;
  readonly hint: string;
}

const compiled = Compile(ServiceConfig);

/** The part of the schema that a schema path names; an empty object where there is none. */
function schemaAt(path: string): object {
  // A pattern's own escapes are those of a regular expression, and no part of a pointer.
  const found = valueAt(ServiceConfig, path.replace(/^#/, ''));
  return typeof found === 'object' && found !== null ? found : {};
}

function described(schema: object): string {
  return 'description' in schema ? String(schema.description) : '';
}

function knownKeys(schema: object): string[] {
  const properties = 'properties' in schema ? schema.properties : {};
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

/** @returns the checked configuration, or its faults */
export function readShape(value: unknown): { readonly config: ServiceConfig } | { readonly faults: Fault[] } {
  if (compiled.Check(value)) return { config: value };
  const errors = everyError(compiled, value);
  // Of a choice that fits no branch, the branches' own faults say less than what all of them ask for.
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf').map(({ schemaPath }) => `${schemaPath}/anyOf/`);
  const faults = errors
    .filter(({ schemaPath }) => !choices.some((choice) => schemaPath.startsWith(choice)))
    .flatMap(({ keyword, schemaPath, instancePath, params, message }): Fault[] => {
      const schema = schemaAt(schemaPath);
      const hint = described(schema);
      switch (keyword) {
        case 'boolean':
          return [];
        case 'additionalProperties':
          return namesIn(params, 'additionalProperties').map((name) => ({
            pointer: `${instancePath}/${escapePointer(name)}`,
            message: 'is unknown',
            hint: nearest(name, knownKeys(schema)),
          }));
        case 'required':
          return namesIn(params, 'requiredProperties').map((name) => ({
            pointer: `${instancePath}/${escapePointer(name)}`,
            message: 'is missing',
            hint: described(schemaAt(`${schemaPath}/properties/${name}`)) || hint,
          }));
        case 'anyOf':
          return [{ pointer: instancePath, message: 'has another form', hint }];
        case 'pattern':
          return [{ pointer: instancePath, message: 'has another form', hint: hint || message }];
        default:
          return [{ pointer: instancePath, message, hint }];
      }
    });
  return { faults: withoutRepeats(faults) };
}

function namesIn(params: object, key: string): string[] {
  const names: unknown = Object.entries(params).find(([name]) => name === key)?.[1];
  return Array.isArray(names) ? names.map(String) : [];
}

function withoutRepeats(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((fault) => [`${fault.pointer} ${fault.message}`, fault])).values()];
}
