/** Paths of the repository and of results. Loads nothing from them. */
import { fileURLToPath } from 'node:url';

/** The checkout of this command line: its packages serve builds with an identical lock file. */
export const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Whether this is the package made by `npm pack`, which contains JavaScript and has no repository. */
export const IS_PACKAGE = !import.meta.url.endsWith('.ts');

/** The folder of runs, below the user's working folder. */
export const RESULTS = 'results';
/** A link to the folder of the latest run. */
export const LATEST = `${RESULTS}/latest`;
