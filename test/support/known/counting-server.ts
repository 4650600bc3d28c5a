/** A server with known answers and CPU cost: run as a process, it counts its requests. */
import { createServer } from 'node:http';

interface Plan {
  readonly body: string;
  /** Every n-th answer is a 503; 0 for none. */
  readonly failEvery: number;
  /** Every n-th answer has another body of the same length; 0 for none. */
  readonly garbleEvery: number;
  /** It kills itself with SIGKILL at the n-th request, before it answers; 0 for never. */
  readonly dieAt?: number;
  /** Idle time before each answer. */
  readonly delayMs?: number;
}

let plan: Plan = { body: 'ok', failEvery: 0, garbleEvery: 0 };
let asked = 0;
const users = new Map<string, number>();

const server = createServer((request, response) => {
  asked++;
  if (asked === plan.dieAt) process.kill(process.pid, 'SIGKILL');
  const user = request.headers.authorization ?? '';
  users.set(user, (users.get(user) ?? 0) + 1);
  const failed = plan.failEvery > 0 && asked % plan.failEvery === 0;
  const garbled = plan.garbleEvery > 0 && asked % plan.garbleEvery === 0;
  response.statusCode = failed ? 503 : 200;
  response.setHeader('content-length', plan.body.length);
  const answer = () => response.end(garbled ? 'x'.repeat(plan.body.length) : plan.body);
  if (plan.delayMs === undefined) answer();
  else setTimeout(answer, plan.delayMs);
});

process.on('disconnect', () => process.exit(0));
process.on('message', (message: { type: string; plan?: Plan }) => {
  if (message.plan) plan = message.plan;
  if (message.type === 'start') {
    server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
  } else if (message.type === 'close') {
    server.closeAllConnections();
    process.send?.('closed');
  } else if (message.type === 'connections') server.getConnections((_error, open) => process.send?.(open));
  else process.send?.({ asked, users: Object.fromEntries(users) });
});
