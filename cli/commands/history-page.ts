/** `node cli/commands/history-page.ts OUT.html|OUT.svg [METRIC] < history.jsonl`: draws the trends of a history. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { readHistory, seriesOf } from '../../core/results/history.ts';
import { historyPage, historySvg } from '../../reports/history/page.ts';

const [out, metric] = process.argv.slice(2);
if (out === undefined) {
  process.stderr.write('Say where to: node cli/commands/history-page.ts OUT.html < history.jsonl\n');
  process.exit(2);
}
const all = seriesOf(readHistory(await text(process.stdin)).entries);
const series = all.filter((one) => metric === undefined || one.metric === metric);
if (series.length === 0) {
  process.stderr.write('The history has no figure to draw.\n');
  process.exit(1);
}
try {
  const content = out.endsWith('.svg') ? await historySvg(series) : await historyPage(series);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, content);
} catch (error) {
  if (!(error instanceof Error && 'syscall' in error)) throw error;
  process.stderr.write(`The trends cannot be written: ${error.message}\n`);
  process.exit(1);
}
process.stdout.write(`Wrote ${out}\n`);
