/** The round trip to a server on this machine, measured with a plain socket and none of a generator's code. */
import { once } from 'node:events';
import { connect } from 'node:net';

const REQUEST = 'GET / HTTP/1.1\r\nhost: ping\r\n\r\n';

/**
 * Sends pings one by one with a pause between, since an idle machine takes longer to wake up, and under a moderate
 * load it is idle between requests. @returns the µs from before each write until its response arrived, sorted
 */
export async function ping(port: number, count: number, pauseMs: number): Promise<number[]> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  try {
    const roundTrips: number[] = [];
    for (let i = 0; i < count; i++) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const startMs = performance.now();
      const answer = new Promise<number>((resolve, reject) => {
        socket.once('data', () => resolve((performance.now() - startMs) * 1000));
        socket.once('error', reject);
      });
      socket.write(REQUEST);
      roundTrips.push(await answer);
      socket.removeAllListeners('error');
    }
    return roundTrips.sort((a, b) => a - b);
  } finally {
    socket.destroy();
  }
}
