/** Paths of the repository and of results. Loads nothing from them. */
import { fileURLToPath } from 'node:url';

/** The checkout that this command line is part of: its packages serve builds with an equal lock file. */
export const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Whether this is the package that `npm pack` makes, which holds JavaScript and has no repository around it. */
export const IS_PACKAGE = !import.meta.url.endsWith('.ts');

/** Where runs are kept, below the folder of the user. */
export const RESULTS = 'results';
/** A link to the folder of the last run. */
export const LATEST = `${RESULTS}/latest`;
