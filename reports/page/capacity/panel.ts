/**
 * Runs in the browser with its types stripped, after the files whose functions it uses: updates the what-if panel on
 * each change. Everything that it shows is inserted as text, never as markup.
 */
import type { RunEvidence } from '../../../core/advise/evidence.ts';
import { flipSearch, type NumericFlip, nearestFirst } from '../../../core/advise/flips.ts';
import type { Needs } from '../../../core/advise/needs.ts';
import { flipTexts } from '../../../core/advise/sentences.ts';
import { unpacked } from '../interaction/unpack.ts';
import { byId, coded, made, type Node, part } from './dom.ts';
import { fragmentOf, type PanelState, stateOf } from './fields.ts';
import { formOf } from './panel-form.ts';
import { type ShownArm, shownFor } from './shown.ts';

declare const location: { readonly hash: string; readonly pathname: string; readonly search: string };
declare const history: { replaceState(state: null, title: string, address: string): void };
declare function setTimeout(what: () => void, ms: number): number;
declare function clearTimeout(timer: number): void;
declare function addEventListener(type: 'hashchange', listener: () => void): void;

/** The pause before a search, so that a moving slider stays responsive. */
const QUIET_MS = 120;

/** A reason links to the chart of its figure if there is one, otherwise to all figures. */
function reasonItems(arms: readonly ShownArm[]): Node[] {
  return arms.map(({ names, reasons }) => {
    const item = made('li');
    for (const [index, name] of names.entries()) item.append(...(index > 0 ? [', '] : []), coded(name));
    item.append(': ');
    for (const [index, { text, source, experiment }] of reasons.entries()) {
      if (index > 0) item.append('; ');
      item.append(text);
      if (source === '') continue;
      const small = made('small');
      if (experiment === '') small.append(` (${source})`);
      else {
        const link = made('a', source);
        const chart = byId(`chart-${experiment}`) === null ? 'figures' : `chart-${experiment}`;
        link.setAttribute('href', `#${chart}`);
        small.append(' (', link, ')');
      }
      item.append(small);
    }
    return item;
  });
}

async function startPanel(): Promise<void> {
  const element = byId('what-if');
  if (element === null) return;
  const run = (await unpacked(part('run')?.textContent ?? '')) as RunEvidence;
  const start: Needs = JSON.parse(element.dataset.start ?? '');
  const form = formOf(start);
  let timer = 0;

  /** Runs one search at a time, and yields to the next change. */
  const searchFlips = (needs: Needs, first: readonly string[]) => {
    clearTimeout(timer);
    const list = part('flips');
    if (list === null) return;
    const { numbers, switches } = flipSearch(run, needs, first);
    const found: NumericFlip[] = [];
    let next = 0;
    const step = () => {
      const look = numbers[next];
      next++;
      if (look !== undefined) {
        const flip = look();
        if (flip !== null) found.push(flip);
        timer = setTimeout(step, 0);
        return;
      }
      const texts = flipTexts({ numbers: nearestFirst(found), switches: switches() }, first);
      list.replaceChildren(...texts.map((text) => made('li', text)));
      list.setAttribute('aria-busy', 'false');
    };
    list.setAttribute('aria-busy', 'true');
    timer = setTimeout(step, QUIET_MS);
  };

  const show = (state: PanelState) => {
    const shown = shownFor(run, state.needs, state.replicas);
    form.enable(state);
    const [verdict = '', ...more] = shown.answer;
    part('answer')?.replaceChildren(made('strong', verdict), ...more.map((text) => ` ${text}`));
    const heads = ['Arm', ...shown.heads].map((text) => {
      const heading = made('th', text);
      heading.setAttribute('scope', 'col');
      return heading;
    });
    part('head')?.replaceChildren(made('tr', ...heads));
    const rows = shown.rows.map(({ name, isFirst, cells }) => {
      const heading = made('th', coded(name));
      heading.setAttribute('scope', 'row');
      const row = made('tr', heading, ...cells.map((text) => made('td', text)));
      row.className = isFirst ? 'first' : '';
      row.setAttribute('data-arm', name);
      return row;
    });
    part('rows')?.replaceChildren(...rows);
    const fitting = part('fitting');
    if (fitting !== null) fitting.hidden = rows.length === 0;
    const fill = (id: string, items: readonly Node[]) => {
      part(id)?.replaceChildren(...items);
      const block = part(`${id}-block`);
      if (block !== null) block.hidden = items.length === 0;
    };
    fill('cautions', reasonItems(shown.cautions));
    fill('out', reasonItems(shown.ruledOut));
    fill(
      'missing',
      shown.missing.map(({ what, command }) => made('li', `${what}: `, coded(command))),
    );
    searchFlips(state.needs, shown.first);
  };

  const answerMove = () => {
    const state = form.read();
    show(state);
    const fragment = fragmentOf(state.needs, start, state.replicas);
    history.replaceState(null, '', fragment === '' ? location.pathname + location.search : fragment);
  };
  const takeAddress = () => {
    const state = stateOf(location.hash, start);
    if (state === null) return false;
    form.write(state);
    show(form.read());
    element.scrollIntoView();
    return true;
  };

  element.addEventListener('input', answerMove);
  element.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', () => takeAddress());
  // Without scripts the controls would do nothing, so the script itself shows them.
  element.hidden = false;
  if (!takeAddress()) form.enable(form.read());
}

void startPanel();
