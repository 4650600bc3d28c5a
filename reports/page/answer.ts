import { flagsOf, type MarkedFlag } from '../../core/text/flags.ts';
import { html } from '../html.ts';
import type { Statement } from '../view/statement.ts';
import { flagMarks } from './figure.ts';
import { prose } from './prose.ts';
import type { Section } from './section.ts';

const said = ({ text, figures }: Statement, flags: readonly MarkedFlag[]) =>
  html`${prose(text)}${flagMarks(flagsOf(figures, flags))}`;

export const answer: Section = {
  id: 'answer',
  title: 'The answer',
  render({ headline, aa, flags }) {
    const [first, ...others] = headline;
    const lead =
      first === undefined
        ? html`<p>This run has no figures of the experiment toll, on which the answer is based. The charts below show what was measured.</p>`
        : html`<p class="lead">${said(first, flags)}</p>${others.map((one) => html`<p>${said(one, flags)}</p>`)}`;
    const check = aa === null ? null : html`<p class="check ${aa.holds ? 'good' : 'bad'}">${prose(aa.sentence)}</p>`;
    return html`${lead}${check}`;
  },
};
