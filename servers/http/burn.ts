/**
 * A deliberate, known slowdown: a fixed amount of arithmetic before each request. It proves that the measurement would detect
 * a real one. It is counted in iterations, not in time, so that it varies with the machine's speed, as real code does.
 */
import type { FastifyInstance } from 'fastify';

/** The result is kept here, so that the compiler cannot remove the arithmetic. */
let sink = 0;

export function burn(iterations: number): void {
  let x = sink | 1;
  // Each step depends on the one before, so none can be skipped or run in parallel. All values are integers of 32 bits, which
  // V8 does not allocate: a sum beyond them would be, until the loop is optimised.
  for (let i = 0; i < iterations; i++) x = Math.imul(x, 1_664_525) ^ 1_013_904_223;
  sink = x;
}

export function installBurn(app: FastifyInstance, iterations: number): void {
  app.addHook('onRequest', (_request, _reply, done) => {
    burn(iterations);
    done();
  });
}
