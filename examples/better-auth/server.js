// better-auth on node:http with node:sqlite. CACHE_SECONDS turns its cookie cache on: a signed copy of the session in a second
// cookie, which is believed without a look at the database.
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node';

const { PORT, DATABASE, AUTH_SECRET, PASSWORD, CACHE_SECONDS = '0' } = process.env;
const cacheSeconds = Number(CACHE_SECONDS);

const database = new DatabaseSync(DATABASE, { timeout: 5000 });
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');

const options = {
  database,
  secret: AUTH_SECRET,
  baseURL: `http://127.0.0.1:${PORT}`,
  trustedOrigins: ['http://shop.example'],
  emailAndPassword: { enabled: true },
  session: { cookieCache: { enabled: cacheSeconds > 0, maxAge: cacheSeconds } },
  // The checks log in more often than three times in ten seconds, the default.
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
};
const auth = betterAuth(options);

// The first replica makes tables and users; the others find them.
for (let tries = 0; ; tries++) {
  try {
    // What is missing is seen anew each time: another replica may have made it.
    const { runMigrations } = await getMigrations(options);
    await runMigrations();
    for (const name of ['alice', 'bob']) {
      const email = `${name}@shop.example`;
      const isKnown = database.prepare('SELECT 1 FROM user WHERE email = ?').get(email) !== undefined;
      if (!isKnown) await auth.api.signUpEmail({ body: { name, email, password: PASSWORD } });
    }
    break;
  } catch (error) {
    if (tries >= 20) throw error;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const handler = toNodeHandler(auth);

createServer(async (request, response) => {
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  try {
    if (request.url === '/') return send(200, { shop: 'open' });
    if (request.url !== '/account') return await handler(request, response);
    const session = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
    if (session === null) return send(401, {});
    return send(200, { user: { name: session.user.email } });
  } catch (error) {
    console.error(error.message);
    if (!response.headersSent) send(500, {});
  }
}).listen(Number(PORT), '127.0.0.1');
