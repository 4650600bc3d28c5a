/** Sentences with explanations: terms and arms are buttons that open their definition. */
import { html, type SafeHtml } from '../../html.ts';
import { glossaryOf } from '../../view/glossary.ts';
import type { ReportView } from '../../view/view.ts';
import { prose } from './prose.ts';
import { definition, termButton } from './term.ts';

interface Meaning {
  readonly id: string;
  readonly term: string;
  readonly meaning: string;
}

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Names such as `session-redis` do not match within longer names or words. */
function patternOf(words: readonly string[]): RegExp {
  const longestFirst = words.toSorted((a, b) => b.length - a.length).map(escapeRegExp);
  return new RegExp(`(?<![\\w-])(${longestFirst.join('|')})(?![\\w-])`);
}

/** A line can break on either side of a button, so adjacent brackets and punctuation are kept together with it. */
const OPENING = /[([“‘]+$/;
const CLOSING = /^[)\]”’.,;:!?]+/;

const joined = (opening: string, button: SafeHtml, closing: string): SafeHtml =>
  opening === '' && closing === '' ? button : html`<span class="nb">${opening}${button}${closing}</span>`;

/** Explains each word at its first occurrence; the definitions are collected. */
export class Explainer {
  readonly #meanings = new Map<string, Meaning>();
  readonly #pattern: RegExp | null;
  readonly #used = new Set<Meaning>();

  /** @param name distinguishes its definitions from those of another explainer on the page */
  constructor(view: ReportView, name: string) {
    for (const { term, meaning, words = [] } of glossaryOf(view)) this.#add(words, name, term, meaning);
    for (const { name: arm, title, summary } of view.arms) {
      const meaning = [title, summary].filter((text) => text !== '' && text !== arm).join('. ');
      if (meaning !== '') this.#add([arm], name, arm, meaning);
    }
    this.#pattern = this.#meanings.size === 0 ? null : patternOf([...this.#meanings.keys()]);
  }

  #add(words: readonly string[], name: string, term: string, meaning: string): void {
    const one = { id: `${name}-${this.#meanings.size}`, term, meaning };
    for (const word of words) this.#meanings.set(word, one);
  }

  say(sentence: string): SafeHtml {
    if (this.#pattern === null) return prose(sentence);
    const pieces = sentence.split(this.#pattern);
    const said: SafeHtml[] = [];
    // Text that has not been output yet.
    let rest = pieces[0] ?? '';
    for (let i = 1; i < pieces.length; i += 2) {
      const [word = '', after = ''] = pieces.slice(i, i + 2);
      const meaning = this.#meanings.get(word);
      if (meaning === undefined || this.#used.has(meaning)) {
        rest += word + after;
        continue;
      }
      this.#used.add(meaning);
      const [opening = ''] = OPENING.exec(rest) ?? [];
      const [closing = ''] = CLOSING.exec(after) ?? [];
      said.push(prose(rest.slice(0, rest.length - opening.length)));
      said.push(joined(opening, termButton(meaning.id, word), closing));
      rest = after.slice(closing.length);
    }
    return html`${said}${prose(rest)}`;
  }

  definitions(): SafeHtml {
    return html`${[...this.#used].map(({ id, term, meaning }) => definition(id, term, meaning))}`;
  }
}
