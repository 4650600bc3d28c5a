/**
 * A known slowdown on purpose: so much arithmetic before each request. It proves that the measurement would see a real
 * one. Counted in iterations and not in time, so that it speeds up and slows down with the machine, as real code does.
 */
import type { FastifyInstance } from 'fastify';

/** Kept where the compiler cannot see that nobody reads it. */
let sink = 0;

export function burn(iterations: number): void {
  let x = sink | 1;
  // A linear congruential step: each needs the one before, so nothing can be skipped or done at once.
  for (let i = 0; i < iterations; i++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  sink = x;
}

export function installBurn(app: FastifyInstance, iterations: number): void {
  app.addHook('onRequest', (_request, _reply, done) => {
    burn(iterations);
    done();
  });
}
