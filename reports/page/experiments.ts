import { formatCount, formatSeconds } from '../../core/text/format.ts';
import { html, type SafeHtml } from '../html.ts';
import { STOPPED_BY } from '../view/stopped-by.ts';
import type { ReportView } from '../view/view.ts';
import { capacityDetails } from './details/capacity.ts';
import { chainDetails } from './details/chain.ts';
import { clientDetails } from './details/clients.ts';
import { latencyDetails } from './details/latency.ts';
import { layersDetails } from './details/layers.ts';
import { lifecycleDetails } from './details/lifecycle.ts';
import { outageDetails } from './details/outage.ts';
import { payloadDetails } from './details/payload.ts';
import { revocationDetails } from './details/revocation.ts';
import { tollDetails } from './details/toll.ts';
import type { Section } from './section.ts';

/** What else a reader needs to judge one experiment. */
const DETAILS: ReadonlyMap<string, (view: ReportView) => SafeHtml | null> = new Map([
  ['toll', (view) => html`${tollDetails(view)}${clientDetails(view)}`],
  ['latency', latencyDetails],
  ['capacity', capacityDetails],
  ['revocation', revocationDetails],
  ['outage', outageDetails],
  ['payload', payloadDetails],
  ['lifecycle', lifecycleDetails],
  ['layers', layersDetails],
  ['chain', chainDetails],
]);

export const experiments: Section = {
  id: 'experiments',
  title: 'Experiments',
  render(view, charts) {
    const { run } = view;
    if (run.experiments.length === 0) return null;
    const blocks = run.experiments.map((experiment) => {
      const { name, question, stoppedBy, error, forks, blocks: count, requests, unexpected, seconds } = experiment;
      const shown = charts.filter((chart) => chart.experiment === name);
      const rows: readonly (readonly [string, string])[] = [
        ['Fresh starts', formatCount(forks)],
        ['Blocks', formatCount(count)],
        ['Requests or operations', formatCount(requests)],
        ['Unexpected responses', formatCount(unexpected)],
        ['Took', formatSeconds(seconds)],
        ['Ended because', stoppedBy === null ? 'still running' : STOPPED_BY[stoppedBy]],
      ];
      return html`<article class="experiment">
<h3><code>${name}</code></h3>
<p>${question}</p>
${error === null ? null : html`<p class="check bad">${error}</p>`}
<dl>${rows.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
${DETAILS.get(name)?.(view)}
${shown.length === 0 ? null : html`<p class="note">Charts: ${shown.map((chart, index) => html`${index === 0 ? '' : ', '}<a href="#chart-${chart.id}">${chart.title}</a>`)}</p>`}
</article>`;
    });
    return html`${blocks}`;
  },
};
