/**
 * Bodies of HTML forms, for applications with pages of their own. A form can be posted across sites without asking, which
 * JSON cannot, so this opens a way that is otherwise closed: off unless asked for.
 */
import type { FastifyInstance } from 'fastify';

const INTEGER = /^-?\d{1,15}$/;

/** `to=u1&amount=5` → `{to: 'u1', amount: 5}`. A form has text alone: what looks like an integer is one. */
export function readForm(text: string): Record<string, string | number> {
  const fields = [...new URLSearchParams(text)];
  // Own properties all: a field named `__proto__` is a field and nothing more.
  return Object.fromEntries(fields.map(([name, value]) => [name, INTEGER.test(value) ? Number(value) : value]));
}

export function installFormBodies(app: FastifyInstance): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, readForm(body.toString()));
  });
}
