/** The what-if panel as built: its controls, and the answer for its initial needs. */
import { advise } from '../../../core/advise/advise.ts';
import { cachedMs } from '../../../core/advise/cost.ts';
import type { ArmEvidence, RunEvidence } from '../../../core/advise/evidence.ts';
import { flipsOf } from '../../../core/advise/flips.ts';
import { CLIENTS, DEFAULT_NEEDS, type Needs, OUTAGES, STORES } from '../../../core/advise/needs.ts';
import { flipTexts } from '../../../core/advise/sentences.ts';
import type { DrawnChart } from '../../charts/shapes/draw.ts';
import { html, jsonAttribute, type SafeHtml } from '../../html.ts';
import { packed } from '../packed.ts';
import { CHOICES, SLIDERS, type Slider, sliderText, stepOf } from './fields.ts';
import { type Shown, type ShownArm, shownFor } from './shown.ts';

const LOADS = [10_000, 20_000, 30_000, 50_000, 100_000, 200_000, 500_000, 1_000_000];
/** The number of different numbers of replicas to show, or one for each arm if there are fewer. */
const DIFFERENT = 3;

/** The lowest of a few loads at which the fitting arms need visibly different numbers of replicas. */
export function startOf(run: RunEvidence): Needs {
  // The usual browser application: it does not rule out a token that scripts could read.
  const needs: Needs = { ...DEFAULT_NEEDS, keepFromScripts: false };
  const differs = (requestsPerSecond: number) => {
    const { ranked } = advise(run, { ...needs, requestsPerSecond });
    const replicas = ranked.flatMap(({ sizing }) => (sizing === null ? [] : [sizing.replicas.value]));
    return new Set(replicas).size >= Math.min(DIFFERENT, replicas.length);
  };
  return { ...needs, requestsPerSecond: LOADS.find(differs) ?? (LOADS.at(-1) as number) };
}

/** Why a slider would have no effect in this run; null if it has one. */
export function whyDead({ key }: Slider, run: RunEvidence): string | null {
  const { arms } = run;
  const isUsed = ({ storedBytes }: ArmEvidence) => Object.keys(storedBytes).length > 0;
  if (key === 'users' && !arms.some((arm) => isUsed(arm) || cachedMs(arm) !== null))
    return 'Users: memory was not measured in this run (experiment store), so their number has no effect.';
  if (
    key === 'rttMs' &&
    !arms.some(({ redisCommands, declares }) => (redisCommands?.value ?? 0) > 0.5 || declares?.rechecksCredential)
  )
    return 'Distance to Redis: no arm of this run uses Redis, so it has no effect.';
  if (key === 'criticalShare' && !arms.some(({ declares }) => declares?.rechecksCredential))
    return 'Critical operations: no arm of this run treats them differently, so their share has no effect.';
  const isDeadline = key === 'revokeWithinMs' || key === 'criticalWithinMs';
  if (isDeadline && arms.every(({ declares }) => declares === null))
    return 'Revocation: the run does not record what its arms promise, so a deadline has no effect.';
  return null;
}

function sliderControl(slider: Slider, needs: Needs): SafeHtml {
  const { key, label, values } = slider;
  const step = stepOf(slider, needs[key]);
  const text = sliderText(slider, step);
  return html`<div><label for="what-if-${key}">${label}: <output id="what-if-${key}-value" for="what-if-${key}">${text}</output></label><input type="range" id="what-if-${key}" min="0" max="${values.length - 1}" value="${step}" aria-valuetext="${text}"></div>
`;
}

function checkbox(id: string, label: string, isOn: boolean): SafeHtml {
  return html`<label class="tick"><input type="checkbox" id="what-if-${id}"${isOn ? html` checked` : null}>${label}</label>
`;
}

const OUTAGE_LABELS = { refuse: 'requests may be refused', answer: 'reads must be answered' } as const;
const STORE_LABELS = { redis: 'anywhere', process: 'only in the processes', none: 'nowhere' } as const;

function select<T extends string>(
  id: string,
  label: string,
  options: readonly T[],
  names: Readonly<Record<T, string>>,
  at: T,
): SafeHtml {
  const items = options.map(
    (one) => html`<option value="${one}"${one === at ? html` selected` : null}>${names[one]}</option>`,
  );
  return html`<label>${label}<select id="what-if-${id}">${items}</select></label>
`;
}

function amount(id: string, label: string): SafeHtml {
  return html`<label>${label}<input type="number" inputmode="decimal" min="0" step="any" id="what-if-${id}"></label>
`;
}

function controls(run: RunEvidence, start: Needs): SafeHtml {
  const dead = SLIDERS.flatMap((slider) => whyDead(slider, run) ?? []);
  return html`${packed('what-if-run', run)}<form id="what-if" class="what-if" ${jsonAttribute('data-start', start)} hidden>
<div class="controls">${SLIDERS.filter((slider) => whyDead(slider, run) === null).map((slider) => sliderControl(slider, start))}</div>
<fieldset><legend>Clients</legend>${CLIENTS.map((client) => checkbox(`client-${client}`, client === 'api' ? 'API, without a cookie jar' : client === 'browser' ? 'Browser' : 'Mobile app', start.clients.includes(client)))}</fieldset>
<fieldset><legend>Conditions</legend>${CHOICES.map(({ key, label }) => checkbox(key, label, start[key]))}</fieldset>
<div class="fields">${select('outage', 'While Redis is unavailable', OUTAGES, OUTAGE_LABELS, start.outage)}${select('store', 'Servers may keep state', STORES, STORE_LABELS, start.store)}
${amount('price-replica', 'Price of a replica, per month')}${amount('price-node', 'Price of a Redis node, per month')}${amount('price-gigabyte', 'Price of a gigabyte of traffic')}${amount('budget', 'Budget, per month')}${amount('replicas', 'Number of replicas, to find their capacity')}</div>
${dead.map((why) => html`<p class="note">${why}</p>`)}
</form>
`;
}

function reasons(arms: readonly ShownArm[], charts: readonly DrawnChart[]): SafeHtml[] {
  return arms.map(({ names, reasons: own }) => {
    const items = own.map(({ text, source, experiment }, index) => {
      const chart = charts.some(({ id }) => id === experiment) ? `chart-${experiment}` : 'figures';
      const shown = experiment === '' ? html`${source}` : html`<a href="#${chart}">${source}</a>`;
      return html`${index > 0 ? '; ' : ''}${text}${source === '' ? null : html`<small> (${shown})</small>`}`;
    });
    const named = names.map((name, index) => html`${index > 0 ? ', ' : ''}<code>${name}</code>`);
    return html`<li>${named}: ${items}</li>
`;
  });
}

function block(id: string, title: string, items: readonly SafeHtml[]): SafeHtml {
  return html`<div id="what-if-${id}-block"${items.length === 0 ? html` hidden` : null}><h3>${title}</h3><ul id="what-if-${id}">${items}</ul></div>
`;
}

function results(shown: Shown, flips: readonly string[], charts: readonly DrawnChart[]): SafeHtml {
  const [verdict = '', ...more] = shown.answer;
  const heads = ['Arm', ...shown.heads].map((head) => html`<th scope="col">${head}</th>`);
  const rows = shown.rows.map(
    ({ name, isFirst, cells }) =>
      html`<tr data-arm="${name}"${isFirst ? html` class="first"` : null}><th scope="row"><code>${name}</code></th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`,
  );
  const missing = shown.missing.map(({ what, command }) => html`<li>${what}: <code>${command}</code></li>`);
  return html`<p id="what-if-answer" role="status"><strong>${verdict}</strong>${more.map((text) => ` ${text}`)}</p>
<div id="what-if-fitting" class="scroll"${shown.rows.length === 0 ? html` hidden` : null} tabindex="0" role="region" aria-label="Arms that meet the requirements, and what each needs for the load"><table class="what-if-table">
<thead id="what-if-head"><tr>${heads}</tr></thead>
<tbody id="what-if-rows">${rows}</tbody>
</table></div>
${block('out', 'Ruled out', reasons(shown.ruledOut, charts))}
${block('cautions', 'To be done', reasons(shown.cautions, charts))}
${block(
  'flips',
  'What would change the first place, the smallest change first',
  flips.map((text) => html`<li>${text}</li>`),
)}
${block('missing', 'Not measured', missing)}`;
}

/** @returns null if the run measured no cost for sizing */
export function whatIf(run: RunEvidence, charts: readonly DrawnChart[]): SafeHtml | null {
  if (run.arms.every(({ cpuUs }) => cpuUs === null)) return null;
  const start = startOf(run);
  const shown = shownFor(run, start, 0);
  const flips = flipTexts(flipsOf(run, start, shown.first), shown.first);
  return html`${controls(run, start)}${results(shown, flips, charts)}`;
}
