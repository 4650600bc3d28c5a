import { fileURLToPath } from 'node:url';

/** The checkout that this command line is part of: its packages serve builds with an equal lock file. */
export const ROOT = fileURLToPath(new URL('../', import.meta.url));
