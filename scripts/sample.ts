/** `npm run sample -- DIR`: makes a run the committed sample, so that readers see a real report before they run one. */
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const SAMPLE = fileURLToPath(new URL('../reports/sample', import.meta.url));
const FILES = ['run.json', 'report.html', 'summary.md', 'figures.csv', 'charts'];

const source = resolve(process.argv[2] ?? 'results/latest');
const missing = FILES.filter((name) => !existsSync(join(source, name)));
if (missing.length > 0) {
  process.stderr.write(
    `tollgate: ${source} lacks ${missing.join(', ')}\n  name a finished run: npm run sample -- results/latest\n`,
  );
  process.exit(2);
}
rmSync(SAMPLE, { recursive: true, force: true });
mkdirSync(SAMPLE, { recursive: true });
for (const name of FILES) cpSync(join(source, name), join(SAMPLE, name), { recursive: true, dereference: true });
process.stdout.write(`reports/sample now holds ${source}\n`);
