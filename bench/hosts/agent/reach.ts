/** Whether hosts can reach each other: one listens at its address, and others connect, before any load. */
import { connect, createServer, type Server } from 'node:net';
import { messageOf } from '../../../core/errors.ts';
import { listen } from '../../processes/listen.ts';
import type { Handlers } from '../../processes/rpc.ts';
import type { AGENT } from './protocol.ts';

let listening: Server | null = null;

function reach(host: string, port: number, withinMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (fault: string | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(fault);
    };
    const timer = setTimeout(() => end(`no answer within ${withinMs / 1000} s`), withinMs);
    socket.once('connect', () => end(null));
    socket.once('error', (error) => end(messageOf(error)));
  });
}

export const reachHandlers: Pick<Handlers<typeof AGENT>, 'listen' | 'unlisten' | 'reach'> = {
  listen: ({ host, port = 0 }) => {
    listening = createServer((socket) => socket.on('error', () => {}).end());
    return listen(listening, { host, port });
  },
  unlisten: () => {
    listening?.close();
    listening = null;
    return null;
  },
  reach: ({ host, port, withinMs }) => reach(host, port, withinMs),
};
