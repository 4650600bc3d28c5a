/** Runs in the browser: shows the figure of a mark on hover, touch, or arrow keys. */
import type { Box, Input, Page, Part } from './dom.ts';
import type { Complete } from './drawings.ts';

/** The largest distance at which the pointer counts as on a mark, px. */
const NEAR = 24;

function distance({ left, right, top, bottom }: Box, x: number, y: number): number {
  const dx = Math.max(left - x, 0, x - right);
  const dy = Math.max(top - y, 0, y - bottom);
  return Math.hypot(dx, dy);
}

/** Marks of the drawing that is shown, without those of hidden arms. */
function marksIn(plot: Part): Part[] {
  const drawing = [...plot.querySelectorAll('svg')].find((svg) => svg.checkVisibility());
  const marks = drawing === undefined ? [] : [...drawing.querySelectorAll('[data-tip]')];
  return marks.filter((mark) => mark.closest('.off') === null);
}

const wordsOf = (mark: Part): string => mark.dataset.tip ?? '';

export function nearest(marks: readonly Part[], x: number, y: number): Part | null {
  let best: Part | null = null;
  let least = NEAR;
  for (const mark of marks) {
    const far = distance(mark.getBoundingClientRect(), x, y);
    if (far < least || (best === null && far === least)) [best, least] = [mark, far];
  }
  return best;
}

export function showFigureTips(page: Page, width: () => number, complete: Complete): void {
  const tip = page.createElement('div');
  tip.className = 'tip';
  tip.setAttribute('role', 'status');
  page.body.append(tip);
  let marked: Part | null = null;
  const mark = (part: Part | null) => {
    marked?.classList.toggle('at', false);
    part?.classList.toggle('at', true);
    marked = part;
  };
  const hide = () => {
    mark(null);
    tip.textContent = '';
  };
  const show = (words: string, x: number, y: number) => {
    if (tip.textContent !== words) tip.textContent = words;
    const left = Math.max(8, Math.min(x + 12, width() - tip.offsetWidth - 8));
    const above = y - tip.offsetHeight - 14;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 8 ? above : y + 22}px`;
  };
  const at = (plot: Part, { clientX, clientY }: Input) => {
    complete([plot]);
    const found = nearest(marksIn(plot), clientX, clientY);
    if (found === null) return hide();
    mark(found);
    show(wordsOf(found), clientX, clientY);
  };
  const step = (plot: Part, event: Input) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    complete([plot]);
    const marks = marksIn(plot);
    const from = marked === null ? -1 : marks.indexOf(marked);
    const next = marks[from === -1 ? (by > 0 ? 0 : marks.length - 1) : (from + by + marks.length) % marks.length];
    if (next === undefined) return;
    mark(next);
    const { left, right, top } = next.getBoundingClientRect();
    show(wordsOf(next), (left + right) / 2, top);
  };
  for (const plot of page.querySelectorAll('.plot')) {
    plot.tabIndex = 0;
    plot.setAttribute('role', 'group');
    const title = plot.querySelector('svg')?.getAttribute('aria-label') ?? 'chart';
    plot.setAttribute('aria-label', `${title}: use the arrow keys to move between points`);
    plot.addEventListener('pointermove', (event) => at(plot, event));
    plot.addEventListener('pointerdown', (event) => at(plot, event));
    plot.addEventListener('pointerleave', (event) => (event.pointerType === 'mouse' ? hide() : undefined));
    plot.addEventListener('keydown', (event) => step(plot, event));
    plot.addEventListener('focus', () => complete([plot]));
    plot.addEventListener('blur', hide);
  }
  // A definition opens on a click or touch, and the letter of a flag links to its advice; with a mouse, hovering is
  // enough.
  const explain = (part: Part, id: string) => {
    part.addEventListener('pointerenter', (event) => {
      const meaning = page.getElementById(id)?.textContent ?? '';
      if (event.pointerType === 'mouse' && meaning !== '') show(meaning, event.clientX, event.clientY);
    });
    part.addEventListener('pointerleave', hide);
    part.addEventListener('click', hide);
  };
  for (const term of page.querySelectorAll('.term')) explain(term, term.getAttribute('popovertarget') ?? '');
  for (const mark of page.querySelectorAll('.marks a')) explain(mark, (mark.getAttribute('href') ?? '').slice(1));
  page.addEventListener('keydown', (event) => (event.key === 'Escape' ? hide() : undefined));
  page.addEventListener('pointerdown', (event) => (event.target?.closest('.plot') ? undefined : hide()));
  page.addEventListener('scroll', hide);
}
