import type { Metric } from '../../../core/results/metrics.ts';
import { formatEstimate, list } from '../../../core/text/format.ts';
import { OPERATIONS, operationFigures } from '../../charts/lifecycle.ts';
import { html, type SafeHtml } from '../../html.ts';
import { figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { figureCell } from '../figure.ts';

const COLUMNS: readonly { readonly metric: Metric; readonly title: string }[] = [
  { metric: 'operations_per_second', title: 'Per second' },
  { metric: 'cpu_us_per_operation', title: 'CPU, replica' },
  { metric: 'cpu_toll_us_per_operation', title: 'Toll' },
  { metric: 'redis_cpu_us_per_operation', title: 'CPU, Redis' },
  { metric: 'redis_commands_per_operation', title: 'Redis commands' },
];

function hashSentence(view: ReportView): SafeHtml | null {
  const hashes = figuresOf(view.run, 'lifecycle', 'password_hash_us');
  const of = (setting: string) => hashes.find(({ factors }) => factors.setting === setting);
  const [cheap, real] = [of('cheap'), of('real')];
  if (!cheap || !real) return null;
  return html`<p>The password check dominates the cost of a login. With the recommended setting (argon2id, ${Number(real.factors.memory_kib) / 1024} MiB, ${real.factors.passes} passes) it takes ${formatEstimate(real)} in every scheme. The logins in this table use a cheap setting (${formatEstimate(cheap)}), which makes the differences between schemes visible.</p>`;
}

const WITHIN = { p50: 'median', p95: 'p95', p99: 'p99' } as const;

interface StormColumn {
  readonly title: string;
  readonly route: string;
  readonly during: string;
  /** The first of these that every arm has. */
  readonly quantiles: readonly [keyof typeof WITHIN, ...(keyof typeof WITHIN)[]];
}

const STORM_COLUMNS: readonly StormColumn[] = [
  { title: 'Login', route: 'login', during: 'storm', quantiles: ['p50'] },
  { title: 'Login', route: 'login', during: 'storm', quantiles: ['p99', 'p95'] },
  { title: 'GET /me before', route: 'me', during: 'calm', quantiles: ['p99', 'p95'] },
  { title: 'GET /me during', route: 'me', during: 'storm', quantiles: ['p50'] },
  { title: 'GET /me during', route: 'me', during: 'storm', quantiles: ['p99', 'p95'] },
];

/** A login storm: how many logins succeed per second, and what it does to other requests. */
function stormTable(view: ReportView): SafeHtml | null {
  const latency = figuresOf(view.run, 'lifecycle', 'storm_latency_us').filter(hasArm);
  const rates = figuresOf(view.run, 'lifecycle', 'storm_logins_per_second').filter(hasArm);
  const arms = view.arms.filter(({ name }) => rates.some(({ arm }) => arm === name));
  if (arms.length === 0) return null;
  const find = (arm: string, column: StormColumn, quantile: string) =>
    latency.find(
      ({ arm: name, factors }) =>
        name === arm &&
        factors.route === column.route &&
        factors.during === column.during &&
        factors.quantile === quantile,
    ) ?? null;
  // The highest quantile that was measured for every arm: a short storm has too few logins for p99.
  const columns = STORM_COLUMNS.map((column) => {
    const known = column.quantiles.find((quantile) => arms.every(({ name }) => find(name, column, quantile) !== null));
    return { ...column, quantile: known ?? column.quantiles[0] };
  });
  return html`<h4>When many users log in at once</h4>
<p>One replica with the recommended password check and ${rates[0]?.factors.in_flight} logins always in progress. At the same time, logged-in users sent <code>GET /me</code> at a steady rate; latency counts from the time a request was due.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Login storm"><table>
<thead><tr><th scope="col">Arm</th><th scope="col">Logins per second</th>${columns.map(({ title, quantile }) => html`<th scope="col">${title}, ${WITHIN[quantile]}</th>`)}</tr></thead>
<tbody>${arms.map(
    ({ name }) =>
      html`<tr><th scope="row"><code>${name}</code></th><td>${figureCell(rates.find(({ arm }) => arm === name) ?? null, view.flags)}</td>${columns.map((column) => html`<td>${figureCell(find(name, column, column.quantile), view.flags)}</td>`)}</tr>
`,
  )}</tbody>
</table></div>`;
}

/** Costs by arm and operation, the password check, and the login storm. Null for no figures. */
export function lifecycleDetails(view: ReportView): SafeHtml | null {
  const rows = view.arms.flatMap(({ name }) =>
    OPERATIONS.filter((operation) =>
      operationFigures(view, 'cpu_us_per_operation', operation).some(({ arm }) => arm === name),
    ).map((operation) => ({ name, operation })),
  );
  if (rows.length === 0) return null;
  const refreshed = rows.filter(({ operation }) => operation === 'refresh').map(({ name }) => name);
  return html`${hashSentence(view)}
<p>${refreshed.length === 0 ? null : html`Only <code>${list(refreshed)}</code> ${refreshed.length === 1 ? 'has' : 'have'} a refresh operation, so the baseline has nothing to compare it with. `}Logging out with a plain token has no effect: the token remains valid.</p>
<details open><summary>Costs by arm and operation</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Login, refresh and logout by arm"><table>
<thead><tr><th scope="col">Arm</th><th scope="col" class="text">Operation</th>${COLUMNS.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ name, operation }) =>
      html`<tr><th scope="row"><code>${name}</code></th><td class="text">${operation}</td>${COLUMNS.map(
        ({ metric }) =>
          html`<td>${figureCell(operationFigures(view, metric, operation).find(({ arm }) => arm === name) ?? null, view.flags)}</td>`,
      )}</tr>
`,
  )}</tbody>
</table></div></details>
${stormTable(view)}`;
}
