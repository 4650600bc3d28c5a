/** The live page's server: on loopback only, for browsers on this machine that use one of its names. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { liveParts } from '../../reports/live/fragments.ts';
import { livePage } from '../../reports/live/page.ts';
import { addressOf, closeHere, listenHere, refuse, refuseOthers } from './loopback.ts';
import type { Watch } from './watch.ts';

const MOST_READERS = 32;
/** A client that does not read gets no more until it does: each message is self-contained. */
const MOST_WAITING_BYTES = 4 << 20;
/** Proxies and browsers close silent connections. */
const HEARTBEAT_MS = 15_000;

const HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

export class LiveServer {
  readonly #server: Server;
  readonly #readers = new Set<ServerResponse>();
  readonly #heartbeat: NodeJS.Timeout;
  #watch: Watch | null = null;
  #sent = '';

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.maxConnections = 2 * MOST_READERS;
    this.#heartbeat = setInterval(() => this.#send(': still here\n\n'), HEARTBEAT_MS);
  }

  /**
   * @param port 0 lets the kernel choose
   * @throws TollgateError if the port cannot be used
   */
  static async listen(port: number): Promise<LiveServer> {
    const live = new LiveServer();
    try {
      await listenHere(live.#server, port, 'port');
      return live;
    } catch (error) {
      clearInterval(live.#heartbeat);
      throw error;
    }
  }

  get address(): string {
    return addressOf(this.#server);
  }

  /** Whether any page is open. */
  get hasReaders(): boolean {
    return this.#readers.size > 0;
  }

  /** Updates what is shown. */
  show(watch: Watch): void {
    this.#watch = watch;
  }

  /** Sends every reader what has changed line by line. */
  tellParts(): void {
    if (this.#watch === null || !this.hasReaders) return;
    const text = event('live', liveParts(this.#watch.state()));
    if (text === this.#sent) return;
    this.#sent = text;
    this.#send(text);
  }

  tellFigures(): void {
    if (this.#watch !== null && this.hasReaders) this.#send(event('figures', figuresOf(this.#watch)));
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    for (const reader of this.#readers) reader.end();
    await closeHere(this.#server);
  }

  #send(text: string): void {
    for (const reader of this.#readers) if (reader.writableLength < MOST_WAITING_BYTES) reader.write(text);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const watch = this.#watch;
    if (refuseOthers(request, response, this.#server)) return;
    if (watch === null) refuse(response, 503, 'Not yet.');
    else this.#serve(request.url?.split('?', 1)[0] ?? '', response, watch);
  }

  #serve(path: string, response: ServerResponse, watch: Watch): void {
    const { made } = watch.figures;
    if (path === '/') {
      const { markup, policy } = livePage(watch.state(), figuresOf(watch));
      sendPage(response, markup, policy);
    } else if (path === '/report' && made !== null) sendPage(response, made.report, made.policy);
    else if (path === '/report') refuse(response, 404, 'There are no figures yet.');
    else if (path === '/events') this.#addReader(response, watch);
    else refuse(response, 404, 'Not found.');
  }

  #addReader(response: ServerResponse, watch: Watch): void {
    if (this.#readers.size >= MOST_READERS) {
      refuse(response, 503, 'Too many pages are open.');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.#readers.add(response);
    response.on('close', () => this.#readers.delete(response));
    response.write(`retry: 2000\n\n${event('live', liveParts(watch.state()))}${event('figures', figuresOf(watch))}`);
  }
}

const figuresOf = ({ figures }: Watch) => figures.made?.section ?? '';

/** JSON contains no line break, so it is one line of an event. */
const event = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

function sendPage(response: ServerResponse, markup: string, policy: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy });
  response.end(markup);
}
