/** Every claim, by number. To add one, add a file and a line here. */

import type { Claim } from './claim.ts';
import { serverControl } from './statements/01-server-control.ts';
import { logoutSimple } from './statements/02-logout-simple.ts';
import { cookiesCsrf } from './statements/03-cookies-csrf.ts';
import { stateExpensive } from './statements/04-state-expensive.ts';
import { sharedStorage } from './statements/05-shared-storage.ts';
import { noStorage } from './statements/06-no-storage.ts';
import { scaleBetter } from './statements/07-scale-better.ts';
import { rolesInBytes } from './statements/08-roles-in-bytes.ts';
import { apiClients } from './statements/09-api-clients.ts';
import { acrossOrigins } from './statements/10-across-origins.ts';
import { noRevocation } from './statements/11-no-revocation.ts';
import { webStorageXss } from './statements/12-web-storage-xss.ts';
import { httpOnlyToken } from './statements/13-httponly-token.ts';
import { hybridBoth } from './statements/14-hybrid-both.ts';
import { bothInOne } from './statements/15-both-in-one.ts';
import { identifierBytes } from './statements/16-identifier-bytes.ts';
import { layersOnBoth } from './statements/17-layers.ts';
import { sessionSize } from './statements/18-session-size.ts';
import { introspectionSlow } from './statements/19-introspection-slow.ts';
import { endedFirst } from './statements/20-ended-first.ts';
import { lookupAtEveryHop } from './statements/chain/21-lookup-at-every-hop.ts';
import { postgresSessions } from './statements/stores/23-postgres-sessions.ts';
import { clientSideCaching } from './statements/stores/24-client-side-caching.ts';
import { dpopExpensive } from './statements/tokens/22-dpop-expensive.ts';
import { phantomCheaper } from './statements/tokens/25-phantom-cheaper.ts';

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
  introspectionSlow,
  endedFirst,
  lookupAtEveryHop,
  dpopExpensive,
  postgresSessions,
  clientSideCaching,
  phantomCheaper,
];
