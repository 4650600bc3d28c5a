/** Sentences in the page, with line breaks only at sensible places. */
import { html, type SafeHtml } from '../../html.ts';

/**
 * Names such as `jwt-hs256-cached`, and intervals; longer ones must break, or they would widen the page. The pattern
 * starts only at the beginning of a name and is bounded, so matching takes linear time.
 */
const UNBROKEN = /((?<![a-z0-9-])[a-z0-9]{1,28}(?:-[a-z0-9]{1,28}){1,14}(?![a-z0-9-])|\[[^\]]{0,28}\])/g;
const LONGEST = 30;

export function prose(sentence: string): SafeHtml {
  const pieces = sentence.split(UNBROKEN).map((piece, index) => {
    const unbroken = index % 2 === 1 && piece.length <= LONGEST;
    return unbroken ? html`<span class="nb">${piece}</span>` : piece;
  });
  return html`${pieces}`;
}
