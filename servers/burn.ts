/**
 * A known slowdown on purpose: so much CPU time before each request. It proves that the measurement would see a real one.
 * Counted in time, since iterations of one and the same loop were found to cost from 1.6 to 2.7 ns each, depending on how many
 * there are in a request: what is injected would not be known.
 */
import type { FastifyInstance } from 'fastify';

/** @returns how often it looked at the clock */
export function burn(micros: number): number {
  const until = performance.now() + micros / 1000;
  let looks = 1;
  while (performance.now() < until) looks++;
  return looks;
}

/** @param micros a request */
export function installBurn(app: FastifyInstance, micros: number): void {
  app.addHook('onRequest', (_request, _reply, done) => {
    burn(micros);
    done();
  });
}
