/** The script of charts and tables: switches arms, shows tooltips, and switches scales. */
import { bundle } from './bundle.ts';

const FILES = [
  './unpack.ts',
  './drawings.ts',
  './arms.ts',
  './tips.ts',
  './scales.ts',
  './overflow.ts',
  './tables.ts',
  './start.ts',
];

/** The text of the script element. */
export function interactionScript(): string {
  return bundle(FILES.map((file) => new URL(file, import.meta.url)));
}
