/** Whether something listens on a port: nothing is sent to it. */
import { connect } from 'node:net';

/** `late`: neither accepted nor refused in time. */
export type Listening = 'yes' | 'no' | 'late';

/** @param host an address, not a name */
export function listeningAt(host: string, port: number, timeoutMs: number): Promise<Listening> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const settle = (seen: Listening) => {
      socket.destroy();
      resolve(seen);
    };
    socket.once('connect', () => settle('yes'));
    socket.once('timeout', () => settle('late'));
    socket.once('error', () => settle('no'));
  });
}
