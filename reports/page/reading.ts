import { html } from '../html.ts';
import { glossaryOf } from '../view/glossary.ts';
import type { Section } from './section.ts';

/** The terms of the page, before the tables that use them. */
export const reading: Section = {
  id: 'reading',
  title: 'How to read this',
  render(view) {
    const terms = glossaryOf(view).map(
      ({ term, meaning }) => html`<div><dt>${term}</dt><dd>${meaning}</dd></div>
`,
    );
    return html`<p>The answer above is the summary. The table of arms has the figures behind it. Everything below is detail.</p>
<dl class="terms">${terms}</dl>`;
  },
};
