/** Runs in the browser, after the files whose functions it uses. */
import { switchArms } from './arms.ts';
import type { Page } from './dom.ts';
import { isNarrow, keepDrawings, type PackedCharts, readDrawings, whenNarrow } from './drawings.ts';
import { markOverflow } from './overflow.ts';
import { switchScales } from './scales.ts';
import { fillTables } from './tables.ts';
import { showFigureTips } from './tips.ts';

declare const document: Page;
declare const innerWidth: number;
declare function addEventListener(type: 'resize', listener: () => void): void;

function start(charts: PackedCharts | null): void {
  const armsAgain = switchArms(document);
  const complete = keepDrawings(charts, document, armsAgain);
  switchScales(document, complete);
  const overflowAgain = markOverflow(document, (listener) => addEventListener('resize', listener));
  fillTables(document, () => {
    armsAgain();
    overflowAgain();
  });
  const completeAll = () => complete([...document.querySelectorAll('.plot')]);
  whenNarrow(completeAll);
  if (isNarrow()) completeAll();
  // Comes last: its element signals that the page is ready.
  showFigureTips(document, () => innerWidth, complete);
}

void readDrawings(document).then(start);
