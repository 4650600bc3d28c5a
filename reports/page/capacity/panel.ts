/**
 * Runs in the browser with its types stripped, after the files whose functions it uses: updates the what-if panel on
 * each change. Everything that it shows is inserted as text, never as markup.
 */
import type { RunEvidence } from '../../../core/advise/evidence.ts';
import { flipSearch, type NumericFlip, nearestFirst } from '../../../core/advise/flips.ts';
import { CLIENTS, type Needs, OUTAGES, STORES } from '../../../core/advise/needs.ts';
import { flipTexts } from '../../../core/advise/sentences.ts';
import { unpacked } from '../interaction/unpack.ts';
import { CHOICES, fragmentOf, type PanelState, SLIDERS, sliderText, stateOf, stepOf } from './fields.ts';
import { type ShownArm, shownFor } from './shown.ts';

/** The few parts of the DOM that are used here. */
interface Node {
  textContent: string | null;
  hidden: boolean;
  disabled: boolean;
  checked: boolean;
  value: string;
  className: string;
  title: string;
  readonly dataset: Readonly<Record<string, string | undefined>>;
  setAttribute(name: string, value: string): void;
  append(...parts: (Node | string)[]): void;
  replaceChildren(...parts: (Node | string)[]): void;
  addEventListener(type: string, listener: (event: { preventDefault(): void }) => void): void;
  scrollIntoView(): void;
}
declare const document: {
  getElementById(id: string): Node | null;
  createElement(name: string): Node;
};
declare const location: { readonly hash: string; readonly pathname: string; readonly search: string };
declare const history: { replaceState(state: null, title: string, address: string): void };
declare function setTimeout(what: () => void, ms: number): number;
declare function clearTimeout(timer: number): void;
declare function addEventListener(type: 'hashchange', listener: () => void): void;

/** The pause before a search, so that a moving slider stays responsive. */
const QUIET_MS = 120;

const part = (id: string) => document.getElementById(`what-if-${id}`);

function made(name: string, ...inside: (Node | string)[]): Node {
  const node = document.createElement(name);
  node.append(...inside);
  return node;
}

function coded(name: string): Node {
  return made('code', name);
}

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
        const chart = document.getElementById(`chart-${experiment}`) === null ? 'figures' : `chart-${experiment}`;
        link.setAttribute('href', `#${chart}`);
        small.append(' (', link, ')');
      }
      item.append(small);
    }
    return item;
  });
}

async function startPanel(): Promise<void> {
  const form = document.getElementById('what-if');
  if (form === null) return;
  const run = (await unpacked(part('run')?.textContent ?? '')) as RunEvidence;
  const start: Needs = JSON.parse(form.dataset.start ?? '');
  let timer = 0;

  const read = (): PanelState => {
    const changed: Record<string, unknown> = {};
    for (const { key, values } of SLIDERS) {
      const slider = part(key);
      if (slider !== null) changed[key] = values[Number(slider.value)];
    }
    for (const { key } of CHOICES) changed[key] = part(key)?.checked ?? start[key];
    changed.clients = CLIENTS.filter((client) => part(`client-${client}`)?.checked === true);
    changed.outage = OUTAGES.find((one) => one === part('outage')?.value) ?? start.outage;
    changed.store = STORES.find((one) => one === part('store')?.value) ?? start.store;
    const amount = (id: string) => Math.max(0, Number(part(id)?.value ?? '') || 0);
    const prices = {
      replica: amount('price-replica'),
      redisNode: amount('price-node'),
      gigabyte: amount('price-gigabyte'),
    };
    const isPriced = Object.values(prices).some((price) => price > 0);
    changed.prices = isPriced ? prices : null;
    changed.budget = isPriced && amount('budget') > 0 ? amount('budget') : null;
    const needs: Needs = { ...start, ...changed };
    // Critical operations never have longer than all requests: the shorter deadline applies to both.
    const { revokeWithinMs, criticalWithinMs } = needs;
    const isLonger = revokeWithinMs !== null && (criticalWithinMs === null || criticalWithinMs > revokeWithinMs);
    return {
      needs: isLonger ? { ...needs, criticalWithinMs: revokeWithinMs } : needs,
      replicas: Math.min(1e6, Math.floor(amount('replicas'))),
    };
  };

  const write = ({ needs, replicas }: PanelState) => {
    for (const slider of SLIDERS) {
      const control = part(slider.key);
      if (control !== null) control.value = String(stepOf(slider, needs[slider.key]));
    }
    for (const { key } of CHOICES) {
      const control = part(key);
      if (control !== null) control.checked = needs[key];
    }
    for (const client of CLIENTS) {
      const control = part(`client-${client}`);
      if (control !== null) control.checked = needs.clients.includes(client);
    }
    const set = (id: string, value: string) => {
      const control = part(id);
      if (control !== null) control.value = value;
    };
    set('outage', needs.outage);
    set('store', needs.store);
    set('price-replica', String(needs.prices?.replica ?? ''));
    set('price-node', String(needs.prices?.redisNode ?? ''));
    set('price-gigabyte', String(needs.prices?.gigabyte ?? ''));
    set('budget', String(needs.budget ?? ''));
    set('replicas', replicas === 0 ? '' : String(replicas));
  };

  /** A question that follows from other answers is disabled, with the reason. */
  const tell = ({ needs }: PanelState) => {
    for (const slider of SLIDERS) {
      const control = part(slider.key);
      const text = sliderText(slider, stepOf(slider, needs[slider.key]));
      control?.setAttribute('aria-valuetext', text);
      const output = part(`${slider.key}-value`);
      if (output !== null) output.textContent = text;
    }
    const off = (id: string, isOff: boolean, why: string) => {
      const control = part(id);
      if (control === null) return;
      control.disabled = isOff;
      control.title = isOff ? why : '';
    };
    const hasBrowser = needs.clients.includes('browser');
    off('keepFromScripts', !hasBrowser, 'Only pages in a browser have scripts.');
    off('crossOrigin', !hasBrowser, 'Only pages in a browser have an origin.');
    off('criticalWithinMs', needs.criticalShare === 0, 'No operation is critical.');
    off('budget', needs.prices === null, 'A budget needs prices.');
  };

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
    tell(state);
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
    const state = read();
    show(state);
    const fragment = fragmentOf(state.needs, start, state.replicas);
    history.replaceState(null, '', fragment === '' ? location.pathname + location.search : fragment);
  };
  const takeAddress = () => {
    const state = stateOf(location.hash, start);
    if (state === null) return false;
    write(state);
    show(read());
    form.scrollIntoView();
    return true;
  };

  form.addEventListener('input', answerMove);
  form.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', () => takeAddress());
  // Without scripts the controls would do nothing, so the script itself shows them.
  form.hidden = false;
  if (!takeAddress()) tell(read());
}

void startPanel();
