/** How many replicas for my load, when does Redis become the wall, and how sure is that? */

import { capacityOf, type Workload } from '../../core/model/capacity.ts';
import { USUAL } from '../../core/model/demands.ts';
import type { Interval } from '../../core/stats/interval.ts';
import { formatEstimate, formatNumber, list } from '../../core/text/format.ts';
import { html, type SafeHtml } from '../html.ts';
import { type ArmCosts, armCosts, cheapestToken } from '../view/capacity-demands.ts';
import type { ArmFigure } from '../view/figures.ts';
import { medianAndWorst } from '../view/scale-answers.ts';
import { ofSeries, type ScaleSeries, scaleSeries, seriesName } from '../view/scale-figures.ts';
import type { ReportView } from '../view/view.ts';
import { amountText, capacityCells } from './capacity/text.ts';
import { figureCell } from './figure.ts';
import { prose } from './prose.ts';
import type { Section } from './section.ts';

/** What the table shows where no script moves it. */
export const WORKLOAD: Workload = {
  requestsPerSecond: 10_000,
  liveSessions: 1_000_000,
  ...USUAL,
};

function rate(range: Interval): string {
  return formatEstimate({ ...range, unit: 'req/s' });
}

/** Cells of fleets of other sizes than those that the model learned from. */
function sureness(view: ReportView, arm: string): string {
  const series = scaleSeries(view.run).filter((one) => one.arm === arm);
  const errors = series.flatMap((one) => ofSeries(view.run, 'prediction_error_pct', one, 'mva'));
  const found = medianAndWorst(errors);
  if (found === null) return 'The accuracy of this prediction was not tested on a larger fleet.';
  const pct = (value: number) => `${formatNumber(value, 0)} %`;
  const off = found.count === 1 ? pct(found.worst) : `${pct(found.median)} (median) and ${pct(found.worst)} (worst)`;
  const fleets = found.count === 1 ? 'one fleet' : `${found.count} fleets`;
  return `For ${fleets} left out of the fit, the predicted throughput was off by ${off}.`;
}

/** One paragraph for each arm. */
function answerFor(view: ReportView, { arm, demands }: ArmCosts, token: ArmCosts | null): string {
  const { replicas, redisNodes, oneRedisRps } = capacityOf(WORKLOAD, demands);
  const whole = (value: number) => Math.max(1, Math.ceil(value));
  const [low, value, high] = [whole(replicas.low), whole(replicas.value), whole(replicas.high)];
  const count = `${value} ${value === 1 ? 'replica' : 'replicas'} of one core`;
  const bounds = low === high ? '' : ` [${low}–${high}]`;
  const need = `${arm.name}: ${amountText(WORKLOAD.requestsPerSecond)} requests per second need ${count}${bounds} at ${WORKLOAD.utilisation * 100} % utilisation`;
  const redis =
    oneRedisRps === null
      ? ` and no Redis. ${keepsState(arm) ? 'A session lives in the memory of one replica, so each user must always reach the same one.' : 'To serve more load, add replicas.'}`
      : ` and ${redisNodes.value === 1 ? 'one Redis' : `${redisNodes.value} Redis nodes`}. One Redis reaches that utilisation at ${rate(oneRedisRps)}, with ${formatNumber(whole((oneRedisRps.value * replicas.value) / WORKLOAD.requestsPerSecond), 0)} replicas; beyond that a Redis cluster is needed.`;
  return `${need}${redis} ${against(view, arm.name, token)}${sureness(view, arm.name)}`;
}

function keepsState({ family, serverState }: ArmCosts['arm']): boolean {
  return family === 'session' && serverState === 'process';
}

/** From which load on the two differ by a core, by their paired ratio; nothing where they were not compared in pairs. */
function against({ ranking }: ReportView, name: string, token: ArmCosts | null): string {
  if (token === null || token.arm.name === name) return '';
  const pair = ranking?.costs.between(name, token.arm.name) ?? null;
  if (pair === null || pair.outcome === 'one sample') return '';
  if (pair.outcome === 'no difference') return `No difference in CPU time from ${token.arm.name} was found. `;
  const { replicaCpuUs, redisCpuUs } = token.demands;
  const costUs = replicaCpuUs.value + redisCpuUs.value;
  // The core that the difference fills: 1 s over what each request takes more, as far as cores may be used.
  const from = (ratio: number) => (WORKLOAD.utilisation * 1e6) / (costUs * Math.abs(ratio - 1));
  const ends = [from(pair.ratio.low), from(pair.ratio.high)];
  const range = { value: from(pair.ratio.value), low: Math.min(...ends), high: Math.max(...ends) };
  return pair.outcome === 'more'
    ? `It needs at least one core more than ${token.arm.name} from ${rate(range)} upwards. `
    : `It needs less CPU time than ${token.arm.name}, and at least one core less from ${rate(range)} upwards. `;
}

function capacityTable(costs: readonly ArmCosts[]): SafeHtml {
  const heads = ['Replicas', 'Redis nodes', 'Redis memory', 'Network traffic', 'One Redis suffices up to, req/s'];
  const rows = costs.map(
    ({ arm, demands }) =>
      html`<tr data-demands="${JSON.stringify(demands)}"><th scope="row"><code>${arm.name}</code></th>${capacityCells(capacityOf(WORKLOAD, demands)).map((cell) => html`<td>${cell}</td>`)}</tr>
`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What a load needs, by arm"><table id="capacity-table">
<thead><tr><th scope="col">Arm</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}

function slider(id: string, label: string, from: number, to: number, at: number, shown: string): SafeHtml {
  return html`<div><label for="capacity-${id}">${label}: <output id="capacity-${id}-value" for="capacity-${id}">${shown}</output></label><input type="range" id="capacity-${id}" min="${from}" max="${to}" value="${at}"></div>`;
}

function controls(): SafeHtml {
  const { requestsPerSecond, liveSessions, utilisation, redisNodeBytes } = WORKLOAD;
  const step = (amount: number) => Math.round(100 * Math.log10(amount));
  return html`<form id="capacity-controls" class="controls" data-node-bytes="${redisNodeBytes}" hidden>
${slider('rps', 'Load', 100, 700, step(requestsPerSecond), `${amountText(requestsPerSecond)} req/s`)}
${slider('sessions', 'Live sessions', 300, 800, step(liveSessions), amountText(liveSessions))}
${slider('utilisation', 'Target utilisation of cores', 30, 95, utilisation * 100, `${utilisation * 100} %`)}
</form>`;
}

/** Coefficients, errors and walls of every series that has a model. */
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
<p class="note">The law is the Universal Scalability Law, the network a queueing network. σ, κ and the peak are fitted to all fleets of a series; the peak is given only if the interval of κ excludes 0. Each error is for a fleet that was left out of the fit; the number before it is that fleet’s size. For these fits the law keeps only terms that the smaller fleets show to differ from 0. If no fleet kept Redis at least half busy, the prediction for a full Redis uses the measured cost per request. Batches make requests cheaper as Redis gets busier, so the real limit is then higher than predicted.</p></details>`;
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
  title: 'How far it scales',
  render(view) {
    const costs = armCosts(view);
    const models = modelTable(view);
    if (costs.length === 0 && models === null) return null;
    const token = cheapestToken(costs);
    const shares = costs.filter(({ from }) => from === 'scale').map(({ arm }) => arm.name);
    const answers = costs.filter(({ arm }) => arm.role === 'guarded');
    return html`<p>What a given load needs, extrapolated from the measured CPU time, bytes and memory. This assumes that a request costs the same on your machines as here, that each replica has one core, and that load is spread evenly. The intervals cover the uncertainty of the measured costs only.</p>
${controls()}
${costs.length === 0 ? null : capacityTable(costs)}
<p class="note">Initially for ${amountText(WORKLOAD.requestsPerSecond)} requests per second and ${amountText(WORKLOAD.liveSessions)} live sessions; the sliders change that. A Redis node holds up to ${formatNumber(WORKLOAD.redisNodeBytes / 1e9, 0)} GB.${shares.length === 0 ? null : html` The costs of ${list(shares)} were measured on a share of a core, where a request costs more.`}</p>
${answers.length === 0 ? null : html`<details><summary>In words, arm by arm <small>for ${amountText(WORKLOAD.requestsPerSecond)} requests per second</small></summary>${answers.map((one) => html`<p>${prose(answerFor(view, one, token))}</p>`)}</details>`}
${models}`;
  },
};
