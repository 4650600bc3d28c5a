/** Runs in the browser, after the files that it takes functions from. */
import { switchArms } from './arms.ts';
import type { Page } from './dom.ts';
import { switchScales } from './scales.ts';
import { tellFigures } from './tips.ts';

declare const document: Page;
declare const innerWidth: number;

switchArms(document);
switchScales(document);
tellFigures(document, () => innerWidth);
