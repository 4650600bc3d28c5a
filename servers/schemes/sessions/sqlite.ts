/** Sessions in a SQLite file. A separate module, so that only replicas of this arm load the driver. */
import { openSqliteSessions } from '../../stores/sql/sqlite.ts';
import { databaseSessions } from './database.ts';

export const sqliteSessions = databaseSessions('sqlite', openSqliteSessions);
