/**
 * Runs in the browser: inserts the drawings that the page contains in compressed form. A desktop reader needs one
 * drawing of each chart; the one for phones and printing, the other scale, and the descriptions of marks are added
 * when needed.
 */
import type { Page, Part } from './dom.ts';
import { unpacked } from './unpack.ts';

/** One scale of a chart. */
export interface PackedDrawings {
  /** The description of each mark, in the order of the marks, which is the same in both drawings. */
  readonly words: readonly string[];
  /** Null if the page shows it without scripts. */
  readonly wide: string | null;
  readonly narrow: string;
}

/** By the id of the figure; a chart with two scales has two. */
export type PackedCharts = Readonly<Record<string, readonly PackedDrawings[]>>;

/** Where the narrow drawing is shown, as in the style sheet. */
const NARROW_MEDIA = 'print, (max-width: 48rem)';

interface Media {
  readonly matches: boolean;
  addEventListener(type: 'change', listener: () => void): void;
}
declare function matchMedia(query: string): Media;
declare function addEventListener(type: 'beforeprint', listener: () => void): void;

export function isNarrow(): boolean {
  return matchMedia(NARROW_MEDIA).matches;
}

/** Calls the listener whenever narrow drawings are needed from now on. */
export function whenNarrow(listener: () => void): void {
  const media = matchMedia(NARROW_MEDIA);
  media.addEventListener('change', () => (media.matches ? listener() : undefined));
  addEventListener('beforeprint', listener);
}

/** Adds all drawings of these plots, with the descriptions of their marks, where they are missing. */
export type Complete = (plots: readonly Part[]) => void;

function box(page: Page, name: string, markup: string): Part {
  const made = page.createElement('div');
  made.className = name;
  made.innerHTML = markup;
  return made;
}

/** @returns null for a page that has none */
export async function readDrawings(page: Page): Promise<PackedCharts | null> {
  const text = page.getElementById('drawings')?.textContent ?? '';
  return text === '' ? null : ((await unpacked(text)) as PackedCharts);
}

/** @param charts null for a page without drawings @param whenAdded called when drawings were added */
export function keepDrawings(charts: PackedCharts | null, page: Page, whenAdded: () => void): Complete {
  const done = new Set<Part>();
  const add = (plot: Part, from: PackedCharts) => {
    const figure = plot.closest('figure');
    const place = figure === null ? -1 : [...figure.querySelectorAll('.plot')].indexOf(plot);
    const own = from[figure?.getAttribute('id') ?? '']?.[place];
    if (own === undefined) return;
    if (own.wide !== null) plot.append(box(page, 'wide', own.wide));
    plot.append(box(page, 'narrow', own.narrow));
    for (const drawing of plot.querySelectorAll('svg')) {
      for (const [i, mark] of [...drawing.querySelectorAll('[data-tip]')].entries()) {
        mark.setAttribute('data-tip', own.words[i] ?? '');
      }
    }
  };
  return (plots) => {
    const missing = plots.filter((plot) => !done.has(plot));
    if (charts === null || missing.length === 0) return;
    for (const plot of missing) {
      done.add(plot);
      add(plot, charts);
    }
    whenAdded();
  };
}
