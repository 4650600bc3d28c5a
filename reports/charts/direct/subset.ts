/** The subset of vega-lite that is drawn directly. A spec with anything else is drawn by vega. */

/** A spec is outside the subset. `drawnDirectly` catches it. */
export class NotDirect extends Error {}

/** @throws NotDirect */
export function notDirect(what: string): never {
  throw new NotDirect(what);
}

/** An object of a spec, as JSON has it. */
export type Part = Readonly<Record<string, unknown>>;
/** One row of a spec's data. */
export type Row = Part;

export const isPart = (value: unknown): value is Part =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * @param keys all supported keys: any other would be ignored, and the drawing wrong
 * @throws NotDirect if it is no object, or has another key
 */
export function partOf(value: unknown, keys: readonly string[], what: string): Part {
  if (!isPart(value)) return notDirect(`${what} is no object`);
  for (const key in value) if (value[key] !== undefined && !keys.includes(key)) notDirect(`${what} has ${key}`);
  return value;
}

/** @throws NotDirect if it is not a finite number: vega treats those in its own way */
export function numberOf(value: unknown, what: string): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : notDirect(`${what} is no finite number`);
}

/** @throws NotDirect */
export function textOf(value: unknown, what: string): string {
  return typeof value === 'string' ? value : notDirect(`${what} is no text`);
}

/** @throws NotDirect */
export function numbersOf(value: unknown, what: string): readonly number[] {
  return Array.isArray(value) ? value.map((one) => numberOf(one, what)) : notDirect(`${what} is no list`);
}

/** @throws NotDirect */
export function rowsOf(data: unknown): readonly Row[] {
  const { values } = partOf(data, ['values'], 'data');
  return Array.isArray(values) && values.every(isPart) ? values : notDirect('data without rows');
}

type Test = (row: Row) => boolean;

function testOf(term: string): Test {
  const [, field, text] = /^datum\.(\w+)(?: === '([^'\\]*)')?$/.exec(term) ?? notDirect(`the filter ${term}`);
  if (field === undefined) return notDirect(`the filter ${term}`);
  return text === undefined ? (row) => Boolean(row[field]) : (row) => row[field] === text;
}

/**
 * @param transform filters whose expressions compare fields with texts, joined by `&&` and `||`
 * @throws NotDirect for any other
 */
export function filtered(rows: readonly Row[], transform: unknown): readonly Row[] {
  if (transform === undefined) return rows;
  if (!Array.isArray(transform)) return notDirect('a transform that is no list');
  return transform.reduce((left: readonly Row[], one: unknown) => {
    const { filter } = partOf(one, ['filter'], 'a transform');
    const any = textOf(filter, 'a filter')
      .split(' || ')
      .map((all) => all.split(' && ').map(testOf));
    return left.filter((row) => any.some((all) => all.every((test) => test(row))));
  }, rows);
}
