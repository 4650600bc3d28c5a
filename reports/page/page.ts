/** The page: its sections in order, as one self-contained document. */
import type { DrawnChart } from '../charts/shapes/draw.ts';
import { headOf, POLICY } from '../head.ts';
import { html, trusted } from '../html.ts';
import type { ReportView } from '../view/view.ts';
import { allFigures } from './all-figures.ts';
import { answer } from './answer.ts';
import { browserSection } from './browser.ts';
import { scalability } from './capacity/scalability.ts';
import { panelScript } from './capacity/script.ts';
import { appendix, chartSection, chartsIn, packedCharts } from './charts.ts';
import { claimsSection } from './claims.ts';
import { decisionTable } from './decision.ts';
import { environment } from './environment.ts';
import { experiments } from './experiments.ts';
import { flagList } from './flag-list.ts';
import { gateSection } from './gate.ts';
import { armSwitch } from './interaction/arm-switch.ts';
import { scriptSource } from './interaction/bundle.ts';
import { interactionScript } from './interaction/script.ts';
import { masthead } from './masthead.ts';
import { method } from './method.ts';
import { reading } from './reading.ts';
import type { Section } from './section.ts';
import { STYLE } from './style.ts';

/** Sections in the order of the page. To add one, add a file to this folder and a line here. */
const SECTIONS: readonly Section[] = [
  answer,
  reading,
  decisionTable,
  claimsSection,
  chartSection,
  browserSection,
  scalability,
  experiments,
  gateSection,
  flagList,
  method,
  environment,
  appendix,
  allFigures,
];

/** The page runs only the scripts that it was built with. */
export function page(view: ReportView, charts: readonly DrawnChart[]): string {
  const sections = SECTIONS.flatMap((section) => {
    const body = section.render(view, charts);
    return body === null ? [] : [{ ...section, body }];
  });
  const scripts = [
    ...(sections.some(({ id }) => id === scalability.id) ? [panelScript()] : []),
    ...(charts.length > 0 ? [interactionScript()] : []),
  ];
  const policy = scripts.length === 0 ? POLICY : `${POLICY}; script-src ${scripts.map(scriptSource).join(' ')}`;
  const document = html`${headOf({ title: view.run.runId, style: STYLE, policy })}
<body>
<a class="skip" href="#main">Skip to the report</a>
${masthead(view)}
<div class="bar"><nav aria-label="Contents"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>${armSwitch(view)}</div>
<main id="main">
${sections.map(
  ({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`,
)}</main>
${charts.length === 0 ? null : packedCharts([...chartsIn('charts', view, charts), ...chartsIn('appendix', view, charts)])}${scripts.map((script) => html`<script>${trusted(script)}</script>`)}
<footer>Made by Tollgate from <code>run.json</code>. This file is self-contained: it loads nothing.<span class="on-paper"> Parts that are closed on the screen are not printed.</span></footer>
</body>
</html>
`;
  return withoutEndTags(withoutQuotes(document.markup));
}

/** A value of letters needs no quotes; there are many cells and heads of rows and columns. */
function withoutQuotes(markup: string): string {
  return markup.replace(
    /<(t[dh])( [^<>]*)>/g,
    (_, tag: string, attributes: string) => `<${tag}${attributes.replace(/="(\w+)"/g, '=$1')}>`,
  );
}

/** HTML allows omitting the end tags of cells and rows (13.1.2.4, "Optional tags"), of which there are many. */
function withoutEndTags(markup: string): string {
  return markup.replace(/<\/t[dhr]>\s*(?=<(?:t[dhr]\b|\/t(?:r|body|head|able)>))/g, '');
}
