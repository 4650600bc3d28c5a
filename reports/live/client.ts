/** Runs in the browser, after the files whose functions it uses: updates the page with the server's messages. */
import type { Page, Part } from '../page/interaction/dom.ts';
import { isNarrow, keepDrawings, readDrawings, whenNarrow } from '../page/interaction/drawings.ts';
import { markOverflow } from '../page/interaction/overflow.ts';
import { switchScales } from '../page/interaction/scales.ts';
import { showFigureTips } from '../page/interaction/tips.ts';

interface Place extends Part {
  open: boolean;
  id: string;
  readonly isConnected: boolean;
  replaceChildren(...parts: Part[]): void;
}

interface Message {
  readonly data: string;
}

interface Source {
  addEventListener(type: string, listener: (message: Message) => void): void;
}

declare const document: Page;
declare const innerWidth: number;
declare const EventSource: new (address: string) => Source;
declare function addEventListener(type: 'resize', listener: () => void): void;

const at = (id: string) => document.getElementById(id) as Place | null;
let whenResized: () => void = () => {};
addEventListener('resize', () => whenResized());
let completeAll: () => void = () => {};
whenNarrow(() => completeAll());

/** Runs the charts' own scripts on a new part of the page: their listeners disappear when it is replaced. */
async function enliven(root: Place): Promise<void> {
  const page: Page = {
    body: root,
    querySelector: (selector) => root.querySelector(selector),
    querySelectorAll: (selector) => root.querySelectorAll(selector),
    addEventListener: (type, listener) => root.addEventListener(type, listener),
    getElementById: (id) => document.getElementById(id),
    createElement: (name) => document.createElement(name),
  };
  const charts = await readDrawings(page);
  // Newer figures have come meanwhile.
  if (!root.isConnected) return;
  const complete = keepDrawings(charts, page, () => {});
  completeAll = () => complete([...page.querySelectorAll('.plot')]);
  if (isNarrow()) completeAll();
  switchScales(page, complete);
  markOverflow(page, (listener) => {
    whenResized = listener;
  });
  showFigureTips(page, () => innerWidth, complete);
}

/** Opened details stay open. */
function openIn(place: Place): Set<string> {
  const open = [...place.querySelectorAll('figure details[open]')];
  return new Set(open.map((details) => (details.closest('figure') as Place | null)?.id ?? ''));
}

function putFigures(markup: string): void {
  const place = at('figures');
  if (place === null) return;
  const open = openIn(place);
  const root = document.createElement('div') as Place;
  root.innerHTML = markup;
  place.replaceChildren(root);
  for (const id of open) {
    const details = at(id)?.querySelector('details') as Place | null | undefined;
    if (details) details.open = true;
  }
  void enliven(root);
}

/** The current markup of each part. An unchanged part is left alone, so that a selection or scroll position is kept. */
const shown = new Map<string, string>();
function putParts(parts: Readonly<Record<string, string>>): void {
  for (const [id, markup] of Object.entries(parts)) {
    const place = at(id);
    if (place === null || shown.get(id) === markup) continue;
    shown.set(id, markup);
    const left = place.querySelector('.scroll')?.scrollLeft ?? 0;
    place.innerHTML = markup;
    if (left > 0) Object.assign(place.querySelector('.scroll') ?? {}, { scrollLeft: left });
  }
}

const lost = (isLost: boolean) => {
  const place = at('lost');
  if (place !== null) place.hidden = !isLost;
};

const source = new EventSource('/events');
source.addEventListener('open', () => lost(false));
source.addEventListener('error', () => lost(true));
source.addEventListener('live', ({ data }) => putParts(JSON.parse(data) as Record<string, string>));
source.addEventListener('figures', ({ data }) => putFigures(JSON.parse(data) as string));
