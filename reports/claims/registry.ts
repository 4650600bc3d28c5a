/** Every claim of the debate, by number. Adding one is a file and a line here. */
import { serverControl } from './01-server-control.ts';
import { logoutSimple } from './02-logout-simple.ts';
import { cookiesCsrf } from './03-cookies-csrf.ts';
import { stateExpensive } from './04-state-expensive.ts';
import { sharedStorage } from './05-shared-storage.ts';
import { noStorage } from './06-no-storage.ts';
import { scaleBetter } from './07-scale-better.ts';
import { rolesInBytes } from './08-roles-in-bytes.ts';
import { apiClients } from './09-api-clients.ts';
import { acrossOrigins } from './10-across-origins.ts';
import { noRevocation } from './11-no-revocation.ts';
import { webStorageXss } from './12-web-storage-xss.ts';
import { httpOnlyToken } from './13-httponly-token.ts';
import { hybridBoth } from './14-hybrid-both.ts';
import { bothInOne } from './15-both-in-one.ts';
import { identifierBytes } from './16-identifier-bytes.ts';
import { layersOnBoth } from './17-layers.ts';
import { sessionSize } from './18-session-size.ts';
import type { Claim } from './claim.ts';

export const CLAIMS: readonly Claim[] = [
  serverControl,
  logoutSimple,
  cookiesCsrf,
  stateExpensive,
  sharedStorage,
  noStorage,
  scaleBetter,
  rolesInBytes,
  apiClients,
  acrossOrigins,
  noRevocation,
  webStorageXss,
  httpOnlyToken,
  hybridBoth,
  bothInOne,
  identifierBytes,
  layersOnBoth,
  sessionSize,
];
