/**
 * Process entry: computes the figures of a run that may still be in progress, the section of the live page, and the
 * report so far.
 */
import { serve } from '../../bench/processes/rpc.ts';
import { replay } from '../../bench/run/replay.ts';
import { readGate } from '../../core/results/gate-file.ts';
import { readJournalFile } from '../../core/results/journal.ts';
import { readReference } from '../../core/results/reference/reference.ts';
import { CHARTS } from '../../reports/charts/index.ts';
import { drawCharts } from '../../reports/charts/shapes/draw.ts';
import { figuresSoFar } from '../../reports/live/figures.ts';
import { page } from '../../reports/page/page.ts';
import { buildView } from '../../reports/view/view.ts';
import { keepHeapSmall } from '../report/small-heap.ts';
import { journalPath } from '../run-folder.ts';
import { FIGURES } from './figures-protocol.ts';

serve(
  FIGURES,
  {
    async make({ directory }) {
      keepHeapSmall();
      const run = replay(readJournalFile(journalPath(directory)));
      const view = buildView(run, readGate(directory), readReference());
      const charts = await drawCharts(CHARTS, view);
      const section = figuresSoFar(view, charts).markup;
      const report = page(view, charts);
      const { user, system } = process.cpuUsage();
      return { section, report, policy: policyIn(report), cpuSeconds: (user + system) / 1e6 };
    },
  },
  'npm run watch',
);

/** The page states its own policy, which names allowed scripts by hash. */
function policyIn(report: string): string {
  const [, policy = "default-src 'none'"] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(report) ?? [];
  return policy.replaceAll('&#39;', "'");
}
