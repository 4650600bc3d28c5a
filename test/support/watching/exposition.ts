/** A strict parser of Prometheus' text format (0.0.4): every deviation is an error. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Scrape {
  /** By metric name. */
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/gy;

/** @throws SyntaxError with the line */
export function readExposition(text: string): Scrape {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  if (!text.endsWith('\n')) throw new SyntaxError('the last line does not end');
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ')) continue;
    const type = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`).exec(line);
    const [, name = '', labels = '', value = ''] = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`).exec(line) ?? [];
    if (type !== null) types.set(type[1] ?? '', type[2] ?? '');
    else if (name !== '') samples.push({ name, labels: labelsOf(labels, line), value: numberOf(value, line) });
    else throw new SyntaxError(`no line of the format: ${line}`);
  }
  return { types, samples };
}

function labelsOf(text: string, line: string): Record<string, string> {
  const found: Record<string, string> = {};
  let end = 0;
  for (const match of text.matchAll(LABEL)) {
    found[match[1] ?? ''] = (match[2] ?? '').replace(/\\(.)/g, (_, after: string) => (after === 'n' ? '\n' : after));
    end = match.index + match[0].length;
  }
  if (end !== text.length) throw new SyntaxError(`labels are not of the format: ${line}`);
  return found;
}

function numberOf(text: string, line: string): number {
  // Prometheus reads it like Go, in any case; prom-client writes `Nan`.
  if (/^nan$/i.test(text)) return Number.NaN;
  const value = text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
  if (Number.isNaN(value)) throw new SyntaxError(`no number: ${line}`);
  return value;
}
