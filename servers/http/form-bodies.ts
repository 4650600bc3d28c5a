/**
 * Parses bodies of HTML forms, for applications with their own pages. A form can be posted across sites without a preflight,
 * which JSON cannot, so this widens the attack surface and is off by default.
 */
import type { FastifyInstance } from 'fastify';

const INTEGER = /^-?\d{1,15}$/;

/** `to=u1&amount=5` → `{to: 'u1', amount: 5}`. A form holds text only, so a value that looks like an integer becomes one. */
export function readForm(text: string): Record<string, string | number> {
  const fields = [...new URLSearchParams(text)];
  // All fields become own properties, so a field named `__proto__` has no special effect.
  return Object.fromEntries(fields.map(([name, value]) => [name, INTEGER.test(value) ? Number(value) : value]));
}

export function installFormBodies(app: FastifyInstance): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, readForm(body.toString()));
  });
}
