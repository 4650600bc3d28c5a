/** Runs in the browser: marks tables that overflow, since some scroll bars show only while scrolling. */
import type { Page, Part } from './dom.ts';

/** @returns a function to call after tables were added */
export function markOverflow(page: Page, whenResized: (listener: () => void) => void): () => void {
  const seen = new Set<Part>();
  const mark = () => {
    for (const area of page.querySelectorAll('.scroll')) {
      area.classList.toggle('more', area.scrollWidth - area.clientWidth - area.scrollLeft > 2);
      if (seen.has(area)) continue;
      seen.add(area);
      area.addEventListener('scroll', mark);
    }
  };
  // A table within closed details has no size yet.
  for (const details of page.querySelectorAll('details')) details.addEventListener('toggle', mark);
  whenResized(mark);
  mark();
  return mark;
}
