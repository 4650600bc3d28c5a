/** Generated parts of a page, each between two comments that name it. Pure. */

const BLOCK = /(<!-- generated: ([a-z-]+) -->)[\s\S]*?(<!-- \/generated -->)/g;

export type Blocks = Readonly<Record<string, () => string>>;

/** @throws RangeError if the page names an unknown block */
export function fillBlocks(page: string, blocks: Blocks): string {
  return page.replace(BLOCK, (_, begin: string, name: string, end: string) => {
    const make = blocks[name];
    if (make === undefined) throw new RangeError(`nothing makes the block ${name}`);
    return `${begin}\n${make()}\n${end}`;
  });
}

/** The names of the blocks of a page, in order. */
export function blocksIn(page: string): string[] {
  return [...page.matchAll(BLOCK)].map(([, , name = '']) => name);
}

export const code = (text: string) => `\`${text}\``;
