/**
 * What a browser protects against: injected scripts and forged requests; and what it allows to honest pages of other
 * origins.
 */
import type { Factors, Figure } from '../../core/results/schema.ts';
import { html, type SafeHtml } from '../html.ts';
import type { ReportView } from '../view/view.ts';
import type { Section } from './section.ts';

interface Column {
  readonly head: string;
  readonly factors: Factors;
}

const SCRIPTS: readonly Column[] = [
  { head: 'reads it from storage', factors: { attack: 'script-reads-storage' } },
  { head: 'intercepts the page’s next call', factors: { attack: 'script-listens-in' } },
  { head: 'acts through the page', factors: { attack: 'script-uses-page' } },
];

const ATTACKS = [
  ['form-post', 'form'],
  ['fetch-form', 'form, unseen'],
  ['fetch-json', 'JSON'],
  ['link-get', 'link'],
  ['image-get', 'image'],
] as const;

const FORGERIES: readonly Column[] = (['cross-site', 'same-site'] as const).flatMap((origin) =>
  ATTACKS.map(([attack, head]) => ({ head, factors: { attack, origin } })),
);

const PARTNERS: readonly Column[] = [
  { head: 'another site, listed', factors: { origin: 'cross-site', cors: 'listed' } },
  { head: 'another site, not listed', factors: { origin: 'cross-site', cors: 'not-listed' } },
  { head: 'same site, listed', factors: { origin: 'same-site', cors: 'listed' } },
  { head: 'same site, not listed', factors: { origin: 'same-site', cors: 'not-listed' } },
];

const matches = (figure: Figure, factors: Factors) =>
  Object.entries(factors).every(([name, level]) => figure.factors[name] === level);

/** Figures by row: the arm and these factors. */
function rowsOf(figures: readonly Figure[], names: readonly string[]): readonly (readonly Figure[])[] {
  const key = ({ arm, factors }: Figure) => JSON.stringify([arm, ...names.map((name) => factors[name])]);
  return [...Map.groupBy(figures, key).values()];
}

/** `✗ done` if an attack succeeded, otherwise what stopped it. */
function attackCell(figure: Figure | undefined): SafeHtml {
  if (figure === undefined) return html`<td class="text absent">–</td>`;
  if (figure.value === 0) return html`<td class="text">${figure.factors.stopped_by}</td>`;
  return html`<td class="text"><strong class="bad">${figure.value === 1 ? 'succeeded' : `succeeded in ${Math.round(figure.value * figure.blocks)} of ${figure.blocks}`}</strong></td>`;
}

function worksCell(figure: Figure | undefined): SafeHtml {
  if (figure === undefined) return html`<td class="text absent">–</td>`;
  return html`<td class="text">${figure.value === 1 ? 'works' : figure.value === 0 ? html`<span class="absent">refused</span>` : 'sometimes'}</td>`;
}

interface Table {
  readonly label: string;
  readonly heads: SafeHtml;
  readonly rows: readonly { readonly head: SafeHtml; readonly cells: readonly SafeHtml[] }[];
}

function table({ label, heads, rows }: Table): SafeHtml | null {
  if (rows.length === 0) return null;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>
<thead>${heads}</thead>
<tbody>${rows.map(
    ({ head, cells }) => html`<tr><th scope="row" class="text">${head}</th>${cells}</tr>
`,
  )}</tbody></table></div>`;
}

const heads = (columns: readonly Column[], first: string) =>
  html`<tr><th scope="col" class="text">${first}</th>${columns.map(({ head }) => html`<th scope="col" class="text">${head}</th>`)}</tr>`;

function scripts(attacks: readonly Figure[]): SafeHtml | null {
  const figures = attacks.filter(({ factors }) => factors.origin === 'same-origin');
  const rows = rowsOf(figures, ['storage']).map((own) => ({
    head: html`<code>${own[0]?.arm}</code> in ${String(own[0]?.factors.storage).replace('httponly-cookie', 'an HttpOnly cookie')}`,
    cells: SCRIPTS.map(({ factors }) => attackCell(own.find((figure) => matches(figure, factors)))),
  }));
  const made = table({ label: 'What injected scripts achieved', heads: heads(SCRIPTS, 'Credential of'), rows });
  if (made === null) return null;
  return html`<h3>A script in the page (XSS)</h3>
<p>What a script injected into the page can do with the user’s credential. Reading it counts only if the credential then worked outside the browser; acting counts only if the server carried out a transfer.</p>${made}`;
}

/** Unprotected cookies first, then those with a CSRF token, then other credentials. */
const GUARDS = ['off', 'on', 'no-cookie'];
const barestFirst = (a: Figure, b: Figure) =>
  GUARDS.indexOf(String(a.factors.csrf)) - GUARDS.indexOf(String(b.factors.csrf));

/** The name of a cookie’s row. */
function settingsOf({ arm, factors }: Figure): SafeHtml {
  const { same_site: sameSite, csrf, bodies, third_party_cookies: cookies, storage } = factors;
  if (sameSite === 'no-cookie') return html`<code>${arm}</code>, token in ${storage}`;
  const more = [
    bodies === 'json' ? 'JSON bodies only' : '',
    cookies === 'blocked' ? 'third-party cookies blocked' : '',
  ];
  const words = more.filter((word) => word !== '').map((word) => `, ${word}`);
  return html`<code>${arm}</code>, SameSite ${sameSite === 'unset' ? 'not given' : sameSite}, CSRF token ${csrf}${words}`;
}

function forgeries(attacks: readonly Figure[]): SafeHtml | null {
  const figures = attacks.filter(({ factors }) => factors.origin !== 'same-origin');
  const names = ['storage', 'same_site', 'csrf', 'bodies', 'third_party_cookies'];
  const rows = rowsOf(figures.toSorted(barestFirst), names).map((own) => ({
    head: own[0] === undefined ? html`` : settingsOf(own[0]),
    cells: FORGERIES.map(({ factors }) => attackCell(own.find((figure) => matches(figure, factors)))),
  }));
  const above = html`<tr><td></td><th scope="colgroup" class="text" colspan="5">from another site</th><th scope="colgroup" class="text" colspan="5">from another host of the same site</th></tr>`;
  const made = table({
    label: 'What other pages achieved',
    heads: html`${above}${heads(FORGERIES, 'Credential')}`,
    rows,
  });
  if (made === null) return null;
  return html`<h3>A page of another site or host (CSRF)</h3>
<p>The page makes the user’s browser send a transfer, or a GET that a careless server would act on. <em>Succeeded</em> means that the server carried out the transfer. Otherwise the cell names what stopped it: SameSite (the browser withheld the cookie), the CSRF token or the type of the body (the server refused), or CORS (the preflight was refused).</p>${made}`;
}

function partners(figures: readonly Figure[]): SafeHtml | null {
  const rows = rowsOf(figures, ['credential', 'same_site', 'third_party_cookies']).map((own) => ({
    head: html`<code>${own[0]?.arm}</code>, ${own[0]?.factors.credential}${own[0]?.factors.credential === 'cookie' ? ` with SameSite ${own[0]?.factors.same_site}` : ''}${own[0]?.factors.third_party_cookies === 'blocked' ? ', third-party cookies blocked' : ''}`,
    cells: PARTNERS.map(({ factors }) => worksCell(own.find((figure) => matches(figure, factors)))),
  }));
  const made = table({ label: 'Which pages could call the API', heads: heads(PARTNERS, 'Credential'), rows });
  if (made === null) return null;
  return html`<h3>A page of a partner</h3>
<p>A legitimate page of another origin calls the API and reads the reply. The application’s CORS list names that origin, or does not.</p>${made}`;
}

export const browserSection: Section = {
  id: 'browser',
  title: 'In a real browser',
  render({ run }: ReportView) {
    const own = run.figures.filter(({ experiment }) => experiment === 'browser');
    if (own.length === 0) return null;
    const attacks = own.filter(({ metric }) => metric === 'attack_succeeded');
    return html`<p>Attacks and legitimate pages in a real Chromium, judged by what the server did. CSRF protection and support for form bodies were switched on and off only for this experiment, to see what each of them stops.</p>
${scripts(attacks)}
${forgeries(attacks)}
${partners(own.filter(({ metric }) => metric === 'cross_origin_works'))}`;
  },
};
