/** Data as Markdown. Pure. */
import { inert, inertLine } from '../inert.ts';

/** An invisible character that breaks up text which a renderer would otherwise turn into a link. */
const APART = '\u200b';

/**
 * Escapes data for Markdown: it cannot create markup, end a table cell or a line, load an image, link an address or
 * mention anybody (GitHub Flavored Markdown 0.29, "Autolinks (extension)").
 */
export function escapeMarkdown(text: string): string {
  return inertLine(text)
    .replace(/[\\`*_[\]|~#$]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@(?=[\w-])/g, `@${APART}`)
    .replaceAll('://', `:${APART}//`)
    .replace(/\bwww\./gi, (found) => `${found.slice(0, 3)}${APART}.`)
    .replace(/^(\s*)([-+=]|\d+(?=[.)](?:\s|$)))/, (_all, space: string, mark: string) =>
      /\d/.test(mark) ? `${space}${mark}${APART}` : `${space}\\${mark}`,
    );
}

/** A name as inline code; one with more than letters, digits and a few marks stays plain text. */
export function markdownName(name: string): string {
  return /^[\w.-]+$/.test(name) ? `\`${name}\`` : escapeMarkdown(name);
}

/** A command or other text as inline code, delimited by more backticks than any run inside. */
export function inlineCode(text: string): string {
  const line = inertLine(text);
  const runs = [...line.matchAll(/`+/g)].map(([run]) => run.length);
  if (runs.length === 0) return `\`${line}\``;
  const fence = '`'.repeat(Math.max(...runs) + 1);
  return `${fence} ${line} ${fence}`;
}

/** A code block whose fence is longer than any run of backticks inside. */
export function codeBlock(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sh\n${inert(text)}\n${fence}`;
}

/** A table. A `|` inside a cell is escaped, unless it already is. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, '\\|')).join(' | ')} |`;
  return [line(heads), `|${heads.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
