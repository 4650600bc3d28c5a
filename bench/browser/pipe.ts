/**
 * The DevTools protocol over two pipes to Chromium. A debugging port would be open to every user of the machine, without a
 * password, and its browser reads local files.
 */
import type { ChildProcess } from 'node:child_process';
import { Readable, Writable } from 'node:stream';

/** The transport that playwright-core accepts instead of an address. */
export interface DevToolsTransport {
  send(message: object): void;
  close(): void;
  onmessage?: (message: object) => void;
  onclose?: (reason?: string) => void;
}

/** Chromium reads commands from its descriptor 3 and writes to its descriptor 4, each message ended by a zero byte. */
export const PIPES = {
  stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  argument: '--remote-debugging-pipe',
} as const;

const END = '\0';

/** @param child started with `PIPES` */
export function transportOver(child: ChildProcess): DevToolsTransport {
  const [, , , commands, replies] = child.stdio;
  if (!(commands instanceof Writable) || !(replies instanceof Readable)) {
    throw new TypeError('The browser was started without pipes.');
  }
  return transportOf(commands, replies);
}

export function transportOf(commands: Writable, replies: Readable): DevToolsTransport {
  const transport: DevToolsTransport = {
    send: (message) => commands.write(`${JSON.stringify(message)}${END}`),
    close: () => commands.end(),
  };
  // A browser that ended reads nothing more; the caller watches the process and sees its end.
  commands.on('error', () => {});
  let pieces: string[] = [];
  replies.setEncoding('utf8').on('data', (text: string) => {
    const [rest = '', ...ended] = text.split(END).reverse();
    for (const part of ended.reverse()) {
      pieces.push(part);
      const message: unknown = JSON.parse(pieces.join(''));
      pieces = [];
      // Each in a separate turn, since a caller that waited for one may only then listen for the next.
      if (typeof message === 'object' && message !== null) setImmediate(() => transport.onmessage?.(message));
    }
    if (rest !== '') pieces.push(rest);
  });
  replies.once('close', () => setImmediate(() => transport.onclose?.('the browser closed its pipe')));
  return transport;
}
