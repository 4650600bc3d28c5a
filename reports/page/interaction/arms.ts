/** Runs in the browser: shows and hides arms in all charts and tables at once. */
import type { Page, Part } from './dom.ts';

interface Shown {
  readonly arm: string;
  readonly part: Part;
}

/** Rows and cells of tables that belong to an arm: its name is in the head of the row or of the column. */
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

/** Rows and panels of a chart, with the places that they fill in order. */
function slotsOf(page: Page): { readonly slots: readonly Part[]; readonly places: readonly string[] }[] {
  return [...page.querySelectorAll('svg.chart')].map((chart) => {
    const slots = [...chart.querySelectorAll('.slot')];
    return { slots, places: slots.map((slot) => slot.getAttribute('transform') ?? '') };
  });
}

export function switchArms(page: Page): void {
  const control = page.getElementById('arm-switch');
  const count = page.getElementById('arm-count');
  if (control === null || count === null) return;
  const boxes = [...control.querySelectorAll('input')];
  const names = new Set(boxes.map(({ value }) => value));
  const marks = [...page.querySelectorAll('[data-arm]')].map((part) => ({ arm: part.dataset.arm ?? '', part }));
  const all = [...marks, ...cellsOfArms(page, names)].filter(({ arm }) => names.has(arm));
  const charts = slotsOf(page);
  const show = () => {
    const off = new Set(boxes.filter(({ checked }) => !checked).map(({ value }) => value));
    for (const { arm, part } of all) part.classList.toggle('off', off.has(arm));
    // The remaining slots move together.
    for (const { slots, places } of charts) {
      const left = slots.filter((slot) => !off.has(slot.dataset.arm ?? ''));
      for (const [i, slot] of left.entries()) slot.setAttribute('transform', places[i] ?? '');
    }
    count.textContent = off.size === 0 ? 'all' : `${boxes.length - off.size} of ${boxes.length}`;
  };
  for (const box of boxes) box.addEventListener('change', show);
  // Browsers remember boxes over a reload.
  show();
  control.hidden = false;
}
