/** A minimal trace collector for tests: it stores traces sent as OTLP over HTTP in JSON. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Value = {
  stringValue?: string;
  intValue?: number;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: unknown;
};
type KeyValue = { key: string; value: Value };

export interface ReceivedSpan {
  readonly name: string;
  readonly spanId: string;
  /** Absent or empty at the root. */
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly kind: number;
  readonly status: { readonly code?: number };
}

export interface TestCollector {
  readonly url: string;
  /** All received requests, unchanged. */
  bodies(): readonly string[];
  spans(): readonly ReceivedSpan[];
  resource(): Readonly<Record<string, unknown>>;
  close(): void;
}

interface Received {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
  }[];
}

export function plain(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** @returns names from the root to the span */
export function pathOf(span: ReceivedSpan, all: readonly ReceivedSpan[]): string {
  const parent = all.find(({ spanId }) => spanId === span.parentSpanId);
  return parent === undefined ? span.name : `${pathOf(parent, all)} / ${span.name}`;
}

export async function startCollector(): Promise<TestCollector> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const received = () => bodies.flatMap((body) => (JSON.parse(body) as Received).resourceSpans);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    bodies: () => bodies,
    spans: () => received().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    resource: () => plain(received()[0]?.resource.attributes ?? []),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
