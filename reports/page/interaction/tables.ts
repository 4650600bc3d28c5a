/** Runs in the browser: puts tables that the page holds compressed into their places, once their details are opened. */
import type { Page, Part } from './dom.ts';
import { unpacked } from './unpack.ts';

/** @param whenAdded is called when a table was added */
export function fillTables(page: Page, whenAdded: () => void): void {
  const text = page.getElementById('other-figures')?.textContent ?? '';
  let held: Promise<Readonly<Record<string, string>>> | undefined;
  const fill = async (place: Part) => {
    held ??= unpacked(text) as Promise<Readonly<Record<string, string>>>;
    const tables = await held;
    place.innerHTML = tables[place.getAttribute('data-table') ?? ''] ?? '';
    place.setAttribute('data-filled', '');
    whenAdded();
  };
  for (const place of page.querySelectorAll('[data-table]')) {
    place.closest('details')?.addEventListener('toggle', () => {
      if (place.getAttribute('data-filled') === null) void fill(place);
    });
  }
}
