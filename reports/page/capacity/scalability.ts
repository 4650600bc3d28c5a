/**
 * Which arm fits my needs, how many replicas does it take, when does Redis become the limit, and how certain is that?
 */

import { evidenceOf } from '../../../core/advise/from-run.ts';
import { USUAL } from '../../../core/model/usual.ts';
import { formatNumber, list } from '../../../core/text/format.ts';
import { html, type SafeHtml } from '../../html.ts';
import type { ArmFigure } from '../../view/figures.ts';
import { medianAndWorst } from '../../view/scale-answers.ts';
import { ofSeries, type ScaleSeries, scaleSeries, seriesName } from '../../view/scale-figures.ts';
import type { ReportView } from '../../view/view.ts';
import { figureCell } from '../figure.ts';
import type { Section } from '../section.ts';
import { whatIf } from './what-if.ts';

/** Errors for fleets of other sizes than those the model was fitted on. */
function sureness(view: ReportView): string {
  const errors = scaleSeries(view.run).flatMap((one) => ofSeries(view.run, 'prediction_error_pct', one, 'mva'));
  const found = medianAndWorst(errors);
  if (found === null) return 'The accuracy of such predictions was not tested on a larger fleet.';
  const pct = (value: number) => `${formatNumber(value, 0)} %`;
  const off = found.count === 1 ? pct(found.worst) : `${pct(found.median)} (median) and ${pct(found.worst)} (worst)`;
  const fleets = found.count === 1 ? 'one fleet' : `${found.count} fleets`;
  return `For ${fleets} excluded from the fit, the predicted throughput was off by ${off}.`;
}

/** Coefficients, errors and limits of every series with a model. */
function modelTable(view: ReportView): SafeHtml | null {
  const { run, flags } = view;
  const rows = scaleSeries(run).flatMap((series) => {
    const own = (metric: Parameters<typeof ofSeries>[1], model?: string) => ofSeries(run, metric, series, model);
    const errors = (model: string) => own('prediction_error_pct', model);
    const [sigma] = own('usl_sigma');
    const all = [...own('usl_sigma'), ...errors('usl'), ...errors('mva'), ...own('redis_wall_rps')];
    if (all.length === 0) return [];
    const wall = (source: ArmFigure['source']) =>
      own('redis_wall_rps').find((figure) => figure.source === source) ?? null;
    const cells = [
      html`${figureCell(sigma ?? null, flags)}`,
      html`${figureCell(own('usl_kappa')[0] ?? null, flags)}`,
      html`${figureCell(own('usl_peak_replicas')[0] ?? null, flags)}`,
      errorCells(errors('usl'), view),
      errorCells(errors('mva'), view),
      html`${figureCell(wall('model'), flags)}`,
      html`${figureCell(wall('measured'), flags)}`,
      errorCells(errors('wall'), view),
    ];
    return [
      html`<tr><th scope="row"><code>${seriesName(series.arm, series.setting)}</code>${shareNote(series)}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`,
    ];
  });
  if (rows.length === 0) return null;
  const heads = [
    'Contention σ',
    'Coherency κ',
    'Peak',
    'Error of the law',
    'Error of the network',
    'Redis full, predicted',
    'Redis full, measured',
    'Error of the wall',
  ];
  return html`<details><summary>Coefficients and errors of the models <small>${rows.length} series</small></summary>
<div class="scroll" tabindex="0" role="region" aria-label="Models by series"><table>
<thead><tr><th scope="col">Series</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>
<p class="note">The law is the Universal Scalability Law, the network a queueing network. σ, κ and the peak are fitted to all fleets of a series; the peak is given only if the interval of κ excludes 0. Each error is for a fleet that was excluded from the fit; the number before it is that fleet’s size. For these fits the law keeps only terms that the smaller fleets show to differ from 0. If no fleet kept Redis at least half busy, the prediction for a full Redis uses the measured cost per request. Batches make requests cheaper as Redis gets busier, so the real limit is then higher than predicted.</p></details>`;
}

function shareNote({ setting }: ScaleSeries): SafeHtml | null {
  const share = Number(setting.redis_share);
  return share > 0 ? html`<small>Redis held to ${formatNumber(share * 100, 0)} % of a core</small>` : null;
}

function errorCells(errors: readonly ArmFigure[], view: ReportView): SafeHtml {
  if (errors.length === 0) return html`${figureCell(null, view.flags)}`;
  return html`${errors.map((figure, index) => html`${index === 0 ? null : html`<br>`}<small>${figure.factors.replicas}: </small>${figureCell(figure, view.flags)}`)}`;
}

export const scalability: Section = {
  id: 'scalability',
  title: 'What if',
  render(view, charts) {
    const run = evidenceOf(view.run);
    const panel = whatIf(run, charts);
    const shares = run.arms.filter(({ cpuUs }) => cpuUs?.experiment === 'scale').map(({ name }) => name);
    const models = modelTable(view);
    if (panel === null && models === null) return null;
    const about = html`<p>Which arm meets your requirements, and what it needs for a load, from the same model as <code>npm run advise</code>. Arms are ranked by their paired comparison, or by price if you enter prices. The rest is extrapolated from the measured CPU time, bytes and memory: this assumes that a request costs the same on your machines, that each replica has one core, and that load is spread evenly. A Redis node holds up to ${formatNumber(USUAL.redisNodeBytes / 1e9, 0)} GB. The 99th percentile comes from a model of two queues in series, unless the run measured latency at that utilisation. ${sureness(view)}${shares.length === 0 ? null : ` The cost of ${list(shares)} was measured on a share of a core, where a request costs more.`}</p>
`;
    return html`${panel === null ? null : html`${about}${panel}`}${models}`;
  },
};
