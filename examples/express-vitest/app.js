// The application that the suite tests: Express with express-session, in memory.
import { timingSafeEqual } from 'node:crypto';
import express from 'express';
import session from 'express-session';

/** @param users passwords by name */
export function makeApp({ users, secret }) {
  const app = express();
  app.use(express.json());
  app.use(session({ secret, resave: false, saveUninitialized: false, cookie: { sameSite: 'lax', maxAge: 1_800_000 } }));
  app.use((_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });

  const isRight = (name, password) => {
    const [given, right] = [String(password), users[name] ?? ''].map((text) => Buffer.from(text));
    return right.length > 0 && given.length === right.length && timingSafeEqual(given, right);
  };

  app.get('/', (_request, response) => response.json({ shop: 'open' }));

  app.post('/login', (request, response, next) => {
    const { username, password } = request.body ?? {};
    if (!isRight(username, password)) return response.sendStatus(401);
    request.session.regenerate((error) => {
      if (error) return next(error);
      request.session.user = username;
      response.sendStatus(204);
    });
  });

  app.get('/account', (request, response) => {
    const name = request.session.user;
    if (name === undefined) return response.sendStatus(401);
    response.json({ user: { name } });
  });

  app.post('/logout', (request, response, next) => {
    request.session.destroy((error) => (error ? next(error) : response.sendStatus(204)));
  });

  // Outside of production, Express answers an error with its stack. The checks found it.
  app.use((error, _request, response, _next) => response.sendStatus(error.status ?? 500));
  return app;
}
