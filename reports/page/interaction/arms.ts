/** Runs in the browser: shows and hides arms in all charts and tables at once. */
import type { Page, Part } from './dom.ts';

interface Shown {
  readonly arm: string;
  readonly part: Part;
}

/** Rows and cells of tables that belong to an arm, which is named in the head of the row or column. */
function cellsOfArms(page: Page, names: ReadonlySet<string>): Shown[] {
  const found: Shown[] = [];
  const nameIn = (head: Part | null) => {
    const name = head?.querySelector('code')?.textContent ?? '';
    return names.has(name) ? name : null;
  };
  for (const table of page.querySelectorAll('main table')) {
    const rows = [...table.querySelectorAll('tr')];
    for (const row of rows) {
      const arm = nameIn(row.querySelector('th[scope="row"]'));
      if (arm !== null) found.push({ arm, part: row });
    }
    for (const head of table.querySelectorAll('th[scope="col"]')) {
      const arm = nameIn(head);
      if (arm === null) continue;
      for (const row of rows) {
        const cell = row.cells[head.cellIndex];
        if (cell !== undefined) found.push({ arm, part: cell });
      }
    }
  }
  return found;
}

/** The original positions of a chart's rows or panels. */
class Places {
  readonly #drawn = new Map<Part, string>();

  of(slot: Part): string {
    const drawn = this.#drawn.get(slot) ?? slot.getAttribute('transform') ?? '';
    this.#drawn.set(slot, drawn);
    return drawn;
  }
}

/** Rows and panels of each chart, with the positions that they fill in order. */
function slotsOf(
  page: Page,
  places: Places,
): { readonly slots: readonly Part[]; readonly places: readonly string[] }[] {
  return [...page.querySelectorAll('svg.chart')].map((chart) => {
    const slots = [...chart.querySelectorAll('.slot')];
    return { slots, places: slots.map((slot) => places.of(slot)) };
  });
}

/** @returns a function to call when charts or tables were added: their arms are then switched as well */
export function switchArms(page: Page): () => void {
  const control = page.getElementById('arm-switch');
  const count = page.getElementById('arm-count');
  if (control === null || count === null) return () => {};
  const boxes = [...control.querySelectorAll('input')];
  const names = new Set(boxes.map(({ value }) => value));
  const places = new Places();
  const marksOf = () => [...page.querySelectorAll('[data-arm]')].map((part) => ({ arm: part.dataset.arm ?? '', part }));
  let [marks, charts, cells] = [marksOf(), slotsOf(page, places), cellsOfArms(page, names)];
  const show = () => {
    const off = new Set(boxes.filter(({ checked }) => !checked).map(({ value }) => value));
    for (const { arm, part } of [...marks, ...cells]) part.classList.toggle('off', off.has(arm));
    // The visible slots move together.
    for (const { slots, places } of charts) {
      const left = slots.filter((slot) => !off.has(slot.dataset.arm ?? ''));
      for (const [i, slot] of left.entries()) slot.setAttribute('transform', places[i] ?? '');
    }
    count.textContent = off.size === 0 ? 'all' : `${boxes.length - off.size} of ${boxes.length}`;
  };
  for (const box of boxes) box.addEventListener('change', show);
  // Browsers restore checkboxes after a reload.
  show();
  control.hidden = false;
  return () => {
    [marks, charts, cells] = [marksOf(), slotsOf(page, places), cellsOfArms(page, names)];
    show();
  };
}
