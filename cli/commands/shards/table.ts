/** `shards.csv`: each figure of each shard, since a merged figure is a mean over shards. */
import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs';
import { unwritable } from '../../../core/atomic-file.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { csvTable, FIGURE_COLUMNS } from '../../../reports/exporters/csv.ts';

/** Written shard by shard: the table of a hundred shards has 60 MB. */
export class ShardTable {
  readonly #path: string;
  readonly #file: number;

  /** Creates the file. @throws TollgateError if it cannot be written, here and below */
  constructor(path: string) {
    this.#path = path;
    this.#file = this.#orUnwritable(() => openSync(path, 'w'));
    this.#write(csvTable([['shard', ...FIGURE_COLUMNS.map(([name]) => name)]]));
  }

  add(shard: number, figures: readonly Figure[]): void {
    this.#write(csvTable(figures.map((figure) => [shard, ...FIGURE_COLUMNS.map(([, cell]) => cell(figure))])));
  }

  /** When this returns, the table is on the disk. */
  close(): void {
    this.#orUnwritable(() => {
      try {
        fsyncSync(this.#file);
      } finally {
        closeSync(this.#file);
      }
    });
  }

  #write(text: string): void {
    // `writeFileSync` continues after a short write.
    this.#orUnwritable(() => writeFileSync(this.#file, text));
  }

  #orUnwritable<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }
}
