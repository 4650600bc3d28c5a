/** A server that burns CPU time for every request, and knows the total cost from its own account. */
import { createServer } from 'node:http';

/** About 50 µs. */
const STEPS = 40_000;
let unused = 1;
let asked = 0;
/** The opening requests of a load, one per connection, do not count. */
let skip = 0;
/** At the last request that does not count, or at the last query. */
let fromMicros = 0;
/** At the end of the latest request. */
let toMicros = 0;

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const server = createServer((_request, response) => {
  if (skip === 0) asked++;
  else if (--skip === 0) fromMicros = cpuMicros();
  let value = unused;
  for (let step = 0; step < STEPS; step++) value = (Math.imul(value, 1664525) + 1013904223) | 0;
  unused = value; // stored, so that the compiler cannot drop the work
  response.setHeader('content-length', 2);
  response.end('ok');
  toMicros = cpuMicros();
});

process.on('disconnect', () => process.exit(0));
process.on('message', (next: { readonly skip: number }) => {
  const nowMicros = cpuMicros();
  process.send?.({ asked, cpuMicros: nowMicros - fromMicros, loadMicros: toMicros - fromMicros });
  fromMicros = nowMicros;
  asked = 0;
  skip = next.skip;
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
