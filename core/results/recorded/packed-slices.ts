/**
 * Slices in little memory: a run has a handful of arms and factors, and a large journal many hundred thousand slices.
 * Shared values are stored once; numbers are stored by column, in the narrowest array that represents them exactly. A
 * packed slice is read like any other, by getters: it has no own properties to spread. `copyOf` makes a plain copy.
 */
import type { Measure, Measures } from '../measures.ts';
import type { Slice } from '../schema.ts';

/** The numbers that every slice has, in column order. Measures and statuses follow. */
const COUNTS = ['fork', 'block', 'order', 'process', 'durationMs', 'requests', 'unexpected', 'failed'] as const;
const [FORK, BLOCK, ORDER, PROCESS, DURATION, REQUESTS, UNEXPECTED, FAILED] = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** Stored if a slice has no process number. */
const NO_PROCESS = -1;
/** Slices per chunk. */
const ROWS = 1024;
/** A run has about a hundred. Slices of further forms are left unchanged: they would not share enough. */
const MOST_FORMS = 5_000;

/** A single number represents a constant column. */
type Column = number | Int32Array | Float64Array;

const isInt32 = (value: number) => (value | 0) === value && !Object.is(value, -0);

function columnOf(values: Float64Array): Column {
  const [first = 0] = values;
  if (values.every((value) => Object.is(value, first))) return first;
  return values.every(isInt32) ? Int32Array.from(values) : values;
}

/** The shared values of slices of one form. */
interface Form {
  readonly experiment: string;
  readonly arm: string | null;
  readonly mode: Slice['mode'];
  readonly factors: Slice['factors'];
  readonly flags: Slice['flags'];
  readonly measures: readonly string[];
  readonly statuses: readonly string[];
  readonly MeasuresView: MeasuresClass;
}

/** Slices of one form: stored by row until the chunk is full, then by column. */
class Chunk {
  readonly form: Form;
  readonly #width: number;
  #rows: number[] = [];
  #columns: readonly Column[] | null = null;

  constructor(form: Form) {
    this.form = form;
    this.#width = COUNTS.length + form.measures.length + form.statuses.length;
  }

  get size(): number {
    return this.#rows.length / this.#width;
  }

  /** @returns its row */
  add({ measures, statuses, ...slice }: Slice): number {
    const row = this.size;
    for (const name of COUNTS) this.#rows.push(slice[name] ?? NO_PROCESS);
    for (const name of this.form.measures) this.#rows.push(measures[name as Measure] as number);
    for (const name of this.form.statuses) this.#rows.push(statuses[name] as number);
    return row;
  }

  pack(): void {
    const rows = this.#rows;
    const count = this.size;
    this.#columns = Array.from({ length: this.#width }, (_, column) =>
      columnOf(Float64Array.from({ length: count }, (__, row) => rows[row * this.#width + column] as number)),
    );
    this.#rows = [];
  }

  at(row: number, column: number): number {
    if (this.#columns === null) return this.#rows[row * this.#width + column] as number;
    const found = this.#columns[column] as Column;
    return typeof found === 'number' ? found : (found[row] as number);
  }
}

type MeasuresClass = new (chunk: Chunk, row: number) => object;

/** A class whose objects have exactly these measures, including for `in` and `for … in`. */
function measuresClass(names: readonly string[]): MeasuresClass {
  class PackedMeasures {
    readonly #chunk: Chunk;
    readonly #row: number;

    constructor(chunk: Chunk, row: number) {
      this.#chunk = chunk;
      this.#row = row;
    }

    static reader(column: number) {
      return function read(this: PackedMeasures): number {
        return this.#chunk.at(this.#row, column);
      };
    }
  }
  for (const [i, name] of names.entries()) {
    const get = PackedMeasures.reader(COUNTS.length + i);
    Object.defineProperty(PackedMeasures.prototype, name, { enumerable: true, get });
  }
  return PackedMeasures;
}

class PackedSlice {
  readonly #chunk: Chunk;
  readonly #row: number;

  constructor(chunk: Chunk, row: number) {
    this.#chunk = chunk;
    this.#row = row;
  }

  get kind(): 'slice' {
    return 'slice';
  }
  get experiment(): string {
    return this.#chunk.form.experiment;
  }
  get fork(): number {
    return this.#chunk.at(this.#row, FORK);
  }
  get block(): number {
    return this.#chunk.at(this.#row, BLOCK);
  }
  get order(): number {
    return this.#chunk.at(this.#row, ORDER);
  }
  get arm(): string | null {
    return this.#chunk.form.arm;
  }
  get process(): number | undefined {
    const found = this.#chunk.at(this.#row, PROCESS);
    return found === NO_PROCESS ? undefined : found;
  }
  get factors(): Slice['factors'] {
    return this.#chunk.form.factors;
  }
  get mode(): Slice['mode'] {
    return this.#chunk.form.mode;
  }
  get durationMs(): number {
    return this.#chunk.at(this.#row, DURATION);
  }
  get requests(): number {
    return this.#chunk.at(this.#row, REQUESTS);
  }
  get unexpected(): number {
    return this.#chunk.at(this.#row, UNEXPECTED);
  }
  get failed(): number {
    return this.#chunk.at(this.#row, FAILED);
  }
  get statuses(): Slice['statuses'] {
    const { measures, statuses } = this.#chunk.form;
    const from = COUNTS.length + measures.length;
    return Object.fromEntries(statuses.map((name, i) => [name, this.#chunk.at(this.#row, from + i)]));
  }
  get measures(): Measures {
    return new this.#chunk.form.MeasuresView(this.#chunk, this.#row) as Measures;
  }
  get flags(): Slice['flags'] {
    return this.#chunk.form.flags;
  }
  toJSON(): Slice {
    return copyOf(this as Slice);
  }
}

/** A slice with its own properties, which can be spread or changed. */
export function copyOf(slice: Slice): Slice {
  const { kind, experiment, fork, block, order, arm, process, factors, mode, durationMs, requests } = slice;
  const { unexpected, failed, statuses, histograms, timeline, flags } = slice;
  return {
    ...{ kind, experiment, fork, block, order, arm },
    ...(process === undefined ? {} : { process }),
    ...{ factors, mode, durationMs, requests, unexpected, failed, statuses },
    measures: measuresOf(slice),
    ...(histograms === undefined ? {} : { histograms }),
    ...(timeline === undefined ? {} : { timeline }),
    flags,
  };
}

/** The measures of a slice as an object with own properties. */
export function measuresOf({ measures }: Pick<Slice, 'measures'>): Measures {
  const copy: Record<string, unknown> = {};
  for (const name in measures) copy[name] = measures[name as Measure];
  return copy as Measures; // with the same names and values
}

/** Packs slices as they are read. */
export class SlicePacker {
  readonly #forms = new Map<string, Form>();
  /** Chunks that are not full. */
  readonly #open = new Map<Form, Chunk>();

  /** @returns an equivalent slice; the given one, with shared values, if it contains more than numbers */
  pack(slice: Slice): Slice {
    const form = this.#formOf(slice);
    if (form === null) return slice;
    const { measures, histograms, timeline } = slice;
    const holdsMore = form.measures.some((name) => typeof measures[name as Measure] !== 'number');
    if (holdsMore || histograms !== undefined || timeline !== undefined) {
      const { experiment, arm, mode, factors, flags } = form;
      return Object.assign(slice, { experiment, arm, mode, factors, flags });
    }
    const chunk = this.#open.get(form) ?? new Chunk(form);
    const row = chunk.add(slice);
    if (chunk.size < ROWS) this.#open.set(form, chunk);
    else {
      chunk.pack();
      this.#open.delete(form);
    }
    return new PackedSlice(chunk, row) as Slice; // has all properties of a slice, as getters
  }

  /** No more slices will follow. */
  finish(): void {
    for (const chunk of this.#open.values()) chunk.pack();
    this.#open.clear();
  }

  #formOf({ experiment, arm, mode, factors, flags, measures, statuses }: Slice): Form | null {
    const names = [Object.keys(measures), Object.keys(statuses)] as const;
    const key = JSON.stringify([experiment, arm, mode, factors, flags, ...names]);
    const known = this.#forms.get(key);
    if (known !== undefined) return known;
    if (this.#forms.size >= MOST_FORMS) return null;
    const form: Form = {
      ...{ experiment, arm, mode, factors, flags, measures: names[0], statuses: names[1] },
      MeasuresView: measuresClass(names[0]),
    };
    this.#forms.set(key, form);
    return form;
  }
}
