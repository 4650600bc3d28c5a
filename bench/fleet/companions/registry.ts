/** The start function of each kind of companion. */
import type { CompanionKind } from '../../../servers/contract.ts';
import type { StartCompanion } from './companion.ts';
import { startIssuer } from './issuer.ts';
import { startPostgres } from './postgres.ts';
import { provideSqliteFile } from './sqlite.ts';

export const COMPANIONS: Readonly<Record<CompanionKind, StartCompanion>> = {
  issuer: startIssuer,
  postgres: startPostgres,
  sqlite: provideSqliteFile,
};
