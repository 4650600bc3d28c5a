/** Sessions in PostgreSQL. A separate file, so that only replicas of this arm load the driver. */
import { openPostgresSessions } from '../../stores/sql/postgres.ts';
import { databaseSessions } from './database.ts';

export const postgresSessions = databaseSessions('postgres', openPostgresSessions);
