/** The live page's script: the scripts of the report's charts and tables, and the updates. */
import { bundle } from '../page/interaction/bundle.ts';

const FILES = ['unpack.ts', 'drawings.ts', 'tips.ts', 'scales.ts', 'overflow.ts'];

/** The text of the script element. */
export function liveScript(): string {
  const shared = FILES.map((file) => new URL(`../page/interaction/${file}`, import.meta.url));
  return bundle([...shared, new URL('./client.ts', import.meta.url)]);
}
