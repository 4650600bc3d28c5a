/** Extracts sentences, links and names from a Markdown page. Pure. */

/** The page without code blocks, comments, tables and headings; a blank line between paragraphs and list items. */
function proseOf(markdown: string): string {
  return markdown
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .split('\n')
    .map((line) => (/^\s*(\||#)/.test(line) ? '' : line.replace(/^\s*(?:[-*]|\d+\.)\s+/, '\n\n')))
    .join('\n');
}

/** Removes images; keeps the text of links and code. */
function plain(text: string): string {
  return text
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/`[^`]*`/g, 'CODE')
    .replace(/[*_]{1,2}/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

export function sentencesIn(markdown: string): string[] {
  return proseOf(markdown)
    .split(/\n\s*\n/)
    .map(plain)
    .flatMap((paragraph) => paragraph.split(/(?<=[.!?]["”)*]*)\s+(?=["“(]?[A-Z0-9`])/))
    .filter((sentence) => sentence !== '');
}

export const wordsIn = (sentence: string) => sentence.split(' ').filter((word) => /\w/.test(word)).length;

/** Targets of links and images that point into the repository. */
export function relativeLinksIn(markdown: string): string[] {
  const targets = [...markdown.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g)].map(
    ([, to = '']) => to,
  );
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchor that GitHub gives a heading. */
export function anchorsIn(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

const FOLDERS =
  'servers|bench|core|cli|regression|reports|target|library|facts|published|containers|examples|findings|scripts|test|docs|deploy|ci|\\.github|\\.ci';

/** Code that names a path of the repository, such as `bench/load/turns.ts`; `*` and capitals stand for any name. */
export function pathsIn(markdown: string): string[] {
  const pattern = new RegExp(`\`((?:${FOLDERS})/[\\w./-]*)\``, 'g');
  return [...markdown.matchAll(pattern)].map(([, path = '']) => path).filter((path) => !/\/[A-Z]+(\/|$)/.test(path));
}

/** Names of the npm scripts that a page mentions; capitals stand for any name. */
export function scriptsIn(markdown: string): string[] {
  const runs = [...markdown.matchAll(/\bnpm (?:run (?:-s )?([\w-]+(?::[\w-]+)*)|(test)\b)/g)];
  return [...new Set(runs.map(([, script, test]) => script ?? test ?? ''))].filter((name) => !/^[A-Z]+$/.test(name));
}

/** A command line of Tollgate on a page. */
export interface ShownCommand {
  readonly name: string;
  /** Flags without their values, such as `--budget`. */
  readonly flags: readonly string[];
}

/** Lines of code blocks, and code within sentences, each as one line. */
function codeIn(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  const rest = markdown.replace(/^```[\s\S]*?^```$/gm, '');
  return [
    ...blocks.flatMap((block) => block.replace(/\\\n\s*/g, ' ').split('\n')),
    ...[...rest.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replace(/\s+/g, ' ')),
  ];
}

/** Command lines of npm and npx. A flag before `--` belongs to npm itself, and is returned as `npm --flag`. */
export function shownCommandsIn(markdown: string): ShownCommand[] {
  const pattern = /\b(npm(?: --silent)? run|npx tollgate) ([a-z][\w:-]*)([^|;&#]*)/g;
  return codeIn(markdown).flatMap((line) =>
    [...line.matchAll(pattern)].map(([, runner = '', name = '', args = '']) => {
      const [before = '', ...after] = runner === 'npx tollgate' ? ['', args] : args.split(/ --(?= |$)/);
      const flagsIn = (text: string) => text.match(/(?<=\s)--[a-z][\w-]*/g) ?? [];
      return { name, flags: [...flagsIn(before).map((flag) => `npm ${flag}`), ...flagsIn(after.join(' '))] };
    }),
  );
}
