/** Runs in the browser, after the files that it takes functions from. */
import { switchArms } from './arms.ts';
import type { Page } from './dom.ts';
import { isNarrow, keepDrawings, whenNarrow } from './drawings.ts';
import { markOverflow } from './overflow.ts';
import { switchScales } from './scales.ts';
import { showFigureTips } from './tips.ts';

declare const document: Page;
declare const innerWidth: number;
declare function addEventListener(type: 'resize', listener: () => void): void;

const complete = keepDrawings(document, switchArms(document));
switchScales(document, complete);
markOverflow(document, (listener) => addEventListener('resize', listener));
showFigureTips(document, () => innerWidth, complete);
const completeAll = () => complete([...document.querySelectorAll('.plot')]);
whenNarrow(completeAll);
if (isNarrow()) completeAll();
