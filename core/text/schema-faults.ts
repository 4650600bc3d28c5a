/** Describes faults in the shape of a configuration: one fault per location, in the schema's terms. Pure. */
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/schema';
import { everyError } from '../results/validate.ts';
import { nearest } from './nearest.ts';
import { escapePointer, valueAt } from './pointer.ts';

export interface Fault {
  /** A JSON pointer into the file; empty for the whole file. */
  readonly pointer: string;
  readonly message: string;
  readonly hint: string;
}

/** A fault on one line, its location first. */
export function faultText({ pointer, message, hint }: Fault): string {
  return `${pointer === '' ? 'the file' : pointer} ${message}${hint === '' ? '' : ` (${hint})`}`;
}

/** The part of the schema at a schema path; an empty object if there is none. */
function schemaAt(schema: TSchema, path: string): object {
  // Escapes within a pattern belong to the regular expression, not to the pointer.
  const found = valueAt(schema, path.replace(/^#/, ''));
  return typeof found === 'object' && found !== null ? found : {};
}

function described(schema: object): string {
  return 'description' in schema ? String(schema.description) : '';
}

function knownKeys(schema: object): string[] {
  const properties = 'properties' in schema ? schema.properties : {};
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

/** @returns a function that finds every fault of a value; compiled once */
export function faultFinder(root: TSchema): (value: unknown) => readonly Fault[] {
  const compiled = Compile(root);
  return (value) => (compiled.Check(value) ? [] : faultsOf(root, everyError(compiled, value)));
}

function faultsOf(root: TSchema, errors: readonly ShapeError[]): Fault[] {
  const faults = withoutBranches(errors).flatMap(({ keyword, schemaPath, instancePath, params, message }): Fault[] => {
    const schema = schemaAt(root, schemaPath);
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
          hint: described(schemaAt(root, `${schemaPath}/properties/${name}`)) || hint,
        }));
      case 'anyOf':
        return [{ pointer: instancePath, message: 'has an unexpected form', hint }];
      case 'pattern':
        return [{ pointer: instancePath, message: 'has an unexpected form', hint: hint || message }];
      default:
        return [{ pointer: instancePath, message, hint }];
    }
  });
  return withoutRepeats(faults);
}

type ShapeError = ReturnType<typeof everyError>[number];

/**
 * If a union matches no branch, reports the faults of the one branch that fits except deeper inside. Otherwise
 * reports the fault of the union, since the common requirement says more than the faults of each branch.
 */
function withoutBranches(errors: readonly ShapeError[]): ShapeError[] {
  const hidden = new Set<ShapeError>();
  for (const choice of errors.filter(({ keyword }) => keyword === 'anyOf')) {
    const at = `${choice.schemaPath}/anyOf/`;
    const inside = errors.filter(({ schemaPath }) => schemaPath.startsWith(at));
    const branches = Map.groupBy(inside, ({ schemaPath }) => schemaPath.slice(at.length).split('/')[0] ?? '');
    const fitting = [...branches].filter(([, own]) =>
      own.every(({ instancePath }) => instancePath !== choice.instancePath),
    );
    const [only] = fitting.length === 1 ? fitting : [];
    if (only !== undefined) hidden.add(choice);
    for (const error of inside) if (only === undefined || !only[1].includes(error)) hidden.add(error);
  }
  return errors.filter((error) => !hidden.has(error));
}

function namesIn(params: object, key: string): string[] {
  const names: unknown = Object.entries(params).find(([name]) => name === key)?.[1];
  return Array.isArray(names) ? names.map(String) : [];
}

function withoutRepeats(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((fault) => [`${fault.pointer} ${fault.message}`, fault])).values()];
}
