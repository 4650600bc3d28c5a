/** Runs in the browser: adds a button to each chart with two scales. */
import type { Page } from './dom.ts';
import type { Complete } from './drawings.ts';

export function switchScales(page: Page, complete: Complete): void {
  for (const button of page.querySelectorAll('button.scale')) {
    const figure = button.closest('figure');
    const plots = figure === null ? [] : [...figure.querySelectorAll('.plot')];
    button.hidden = plots.length < 2;
    button.addEventListener('click', () => {
      complete(plots);
      for (const plot of plots) plot.hidden = !plot.hidden;
      const shown = plots.find((plot) => !plot.hidden);
      button.textContent = shown?.dataset.scale === 'log' ? 'Show a linear scale' : 'Show a logarithmic scale';
    });
  }
}
