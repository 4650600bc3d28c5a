/** A service that keeps its sessions in Postgres: one read and one write for each guarded request. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { Pool } from 'pg';

const { PORT = '0', DATABASE_URL = '', PASSWORD = '' } = process.env;
const pool = new Pool({ connectionString: DATABASE_URL, max: 4, connectionTimeoutMillis: 1_500, query_timeout: 1_500 });
// A lost connection also makes the next query fail.
pool.on('error', () => {});
// IF NOT EXISTS takes no lock: of two replicas that start at once, one would fail.
await pool.query(
  `BEGIN; SELECT pg_advisory_xact_lock(1);
   CREATE TABLE IF NOT EXISTS session (id text PRIMARY KEY, username text, seen int NOT NULL DEFAULT 0);
   COMMIT`,
);

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** The complete value, whatever the format of the body. */
const isPasswordIn = (body: string) => body.includes(`"${PASSWORD}"`);

const server = createServer(async (request, response) => {
  response.setHeader('cache-control', 'no-store');
  const reply = (status: number, text = '') => {
    response.statusCode = status;
    response.end(text);
  };
  try {
    if (request.url === '/') return reply(200, 'open');
    if (request.url === '/login') {
      if (!isPasswordIn(await bodyOf(request))) return reply(401);
      const id = randomUUID();
      await pool.query('INSERT INTO session (id, username) VALUES ($1, $2)', [id, 'alice']);
      return reply(200, JSON.stringify({ token: id }));
    }
    const id = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const { rows } = await pool.query('SELECT username FROM session WHERE id = $1', [id]);
    if (rows.length === 0) return reply(401);
    if (request.url === '/logout') await pool.query('DELETE FROM session WHERE id = $1', [id]);
    else await pool.query('UPDATE session SET seen = seen + 1 WHERE id = $1', [id]);
    return reply(200, '{"name":"alice"}');
  } catch {
    return reply(503);
  }
});
server.listen(Number(PORT), '127.0.0.1');
