/** `shards.csv`: each figure of each shard, since a merged figure is a mean over shards. */
import type { Figure } from '../../../core/results/schema.ts';
import { csvTable, FIGURE_COLUMNS } from '../../../reports/exporters/csv.ts';

export class ShardTable {
  readonly #rows: string[] = [csvTable([['shard', ...FIGURE_COLUMNS.map(([name]) => name)]])];

  add(shard: number, figures: readonly Figure[]): void {
    this.#rows.push(csvTable(figures.map((figure) => [shard, ...FIGURE_COLUMNS.map(([, cell]) => cell(figure))])));
  }

  text(): string {
    return this.#rows.join('');
  }
}
