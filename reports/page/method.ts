import { html } from '../html.ts';
import type { Section } from './section.ts';

export const method: Section = {
  id: 'method',
  title: 'Method',
  render({ run, baseline }) {
    const confidence = [...new Set(run.figures.map((figure) => `${Math.round(figure.confidence * 100)} %`))];
    const { memoryKiB, passes, cheap } = run.config.argon2;
    return html`<ul>
<li>Generator, replicas and Redis are separate processes on one machine. CPU time is read from outside them where the system allows it, over exactly the requests that were counted.</li>
<li>Arms are interleaved${baseline === null ? '' : html`, the baseline <code>${baseline.name}</code> among them`}, in a random order per block (seed ${run.config.seed}), so that a drifting machine slows all of them alike.</li>
<li>Every figure carries an interval${confidence.length === 0 ? '' : ` (${confidence.join(', ')})`}, resampled over fresh starts first and blocks within them. Where low and high are equal, the figure was counted.</li>
<li>No order is claimed between arms whose intervals overlap.</li>
<li>Passwords: argon2id with ${memoryKiB} KiB and ${passes} ${passes === 1 ? 'pass' : 'passes'}${cheap ? ', a cheap setting for load tests that is not fit for production' : ''}.</li>
${run.notes.map((note) => html`<li>${note}</li>`)}
</ul>`;
  },
};
