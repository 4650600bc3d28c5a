import { tollPairs } from '../charts/toll/pairs.ts';
import { html, trusted } from '../html.ts';
import { flagMarks } from './figure.ts';
import { prose } from './prose.ts';
import type { Section } from './section.ts';

export const chartSection: Section = {
  id: 'charts',
  title: 'Charts',
  render(_view, charts) {
    // The pairs stand in the answer.
    const others = charts.filter(({ id }) => id !== tollPairs.id);
    if (others.length === 0) return null;
    return html`${others.map(
      (chart) => html`<figure id="chart-${chart.id}">
<h3>${chart.title}</h3>
<figcaption>${prose(chart.sentence)}${flagMarks(chart.flags)}</figcaption>
<div class="wide">${trusted(chart.svg.wide)}</div>
<div class="narrow">${trusted(chart.svg.narrow)}</div>
${chart.note === null ? null : html`<p class="note">${chart.note}</p>`}
</figure>
`,
    )}`;
  },
};
