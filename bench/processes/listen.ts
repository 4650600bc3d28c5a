/** Listens on a port. */
import { once } from 'node:events';
import type { AddressInfo, ListenOptions, Server } from 'node:net';

/**
 * @returns the port, which the kernel chooses for 0
 *
 * @throws {Error} with the system's code, such as EADDRINUSE
 */
export async function listen(server: Server, at: ListenOptions & { readonly port: number }): Promise<number> {
  const listening = once(server, 'listening');
  server.listen(at);
  await listening;
  return (server.address() as AddressInfo).port; // it listens on a port, not on a pipe
}
