/** The script of the capacity table: the functions that the built page was made with, so that both show the same. */
import { bundle } from '../bundle.ts';

/** In the order in which they need each other. */
const FILES = ['../../../core/model/capacity.ts', './text.ts', './slider.ts'];

/** The text of the script element. */
export function capacityScript(): string {
  return bundle(FILES.map((file) => new URL(file, import.meta.url)));
}
