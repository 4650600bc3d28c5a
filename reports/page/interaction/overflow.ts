/** Runs in the browser: marks tables that overflow, since some scroll bars show only while scrolling. */
import type { Page } from './dom.ts';

export function markOverflow(page: Page, whenResized: (listener: () => void) => void): void {
  const areas = [...page.querySelectorAll('.scroll')];
  const mark = () => {
    for (const area of areas) {
      area.classList.toggle('more', area.scrollWidth - area.clientWidth - area.scrollLeft > 2);
    }
  };
  for (const area of areas) area.addEventListener('scroll', mark);
  // A table within closed details has no size yet.
  for (const details of page.querySelectorAll('details')) details.addEventListener('toggle', mark);
  whenResized(mark);
  mark();
}
