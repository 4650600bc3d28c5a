/** Runs in the browser: inserts each compressed table when its details are opened. */
import type { Page, Part } from './dom.ts';
import { unpacked } from './unpack.ts';

/** @param whenAdded called after each inserted table */
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
