import { html } from '../html.ts';
import { prose } from './prose.ts';
import type { Section } from './section.ts';

export const answer: Section = {
  id: 'answer',
  title: 'The answer',
  render({ headline, aa }) {
    const [first, ...others] = headline;
    const lead =
      first === undefined
        ? html`<p>This run has no figures of the experiment toll, on which the answer is based. The charts below show what was measured.</p>`
        : html`<p class="lead">${prose(first)}</p>${others.map((sentence) => html`<p>${prose(sentence)}</p>`)}`;
    const check = aa === null ? null : html`<p class="check ${aa.holds ? 'good' : 'bad'}">${prose(aa.sentence)}</p>`;
    return html`${lead}${check}`;
  },
};
