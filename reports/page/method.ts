import { html } from '../html.ts';
import type { Section } from './section.ts';

export const method: Section = {
  id: 'method',
  title: 'Method',
  render({ run, baseline }) {
    const confidence = [...new Set(run.figures.map((figure) => `${Math.round(figure.confidence * 100)} %`))];
    const { memoryKiB, passes, cheap } = run.config.argon2;
    return html`<ul>
<li>Load generator, replicas (server processes) and Redis are separate processes on one machine. Where the system allows it, CPU time is read from outside these processes, and covers exactly the counted requests.</li>
<li>Load comes in blocks. In each block all arms${baseline === null ? '' : html`, including the baseline <code>${baseline.name}</code>,`} take turns in random order (seed ${run.config.seed}), so a drift in the machine’s speed affects them equally.</li>
<li>Every measured figure has a confidence interval${confidence.length === 0 ? '' : ` (${confidence.join(', ')})`}, from a bootstrap over fresh starts of all processes and the blocks within them. Counted figures, and those from a single measurement, have none.</li>
<li>Two arms are compared by their ratio within the same blocks, Redis’ CPU time included, with Holm’s correction for the number of comparisons (5 % level); the interval that is shown is that of one comparison. Arms that were not compared in this way are not ranked, whether or not their intervals overlap.</li>
<li>Passwords: argon2id with ${memoryKiB} KiB and ${passes} ${passes === 1 ? 'pass' : 'passes'}${cheap ? ', a cheap setting for load tests that is unsafe in production' : ''}.</li>
${run.notes.map((note) => html`<li>${note}</li>`)}
</ul>`;
  },
};
