import { FLAG_MARK, flagScope } from '../../core/text/flags.ts';
import { html } from '../html.ts';
import type { Section } from './section.ts';

export const flagList: Section = {
  id: 'flags',
  title: 'Caveats',
  render({ flags }) {
    if (flags.length === 0) return html`<p>No figure of this run has a caveat.</p>`;
    const items = flags.map(
      (flag) =>
        html`<div id="flag-${flag.name}"><dt><span class="letter">${flag.letter}</span> ${flag.title} <small>${flagScope(flag)}</small></dt><dd>${flag.advice}</dd></div>`,
    );
    return html`<p>${FLAG_MARK} marks a figure with a caveat. The letter refers to the reason, and what to do about it.</p><dl class="flags">${items}</dl>`;
  },
};
