/**
 * A light, steady stream of one request during another load, to measure the effect of that load. It is sent by
 * timers, so unlike the open loop it needs no core to itself. Latency counts from when a request was due, including
 * the timer's delay.
 */

import { LatencyHistogram } from '../../../core/results/histogram.ts';
import { Connection } from '../connection/connection.ts';
import type { Renewable } from '../connection/renewable.ts';
import { renewableRequest } from '../connection/request.ts';
import type { PreparedRequest, Target } from '../protocol.ts';
import { Counts } from '../tally.ts';

export class Probe {
  readonly counts = new Counts();
  readonly latency = LatencyHistogram.empty();
  readonly #address: Target['addresses'][number];
  readonly #bytes: Renewable;
  readonly #request: PreparedRequest;
  readonly #idle: Connection[] = [];
  readonly #underWay = new Set<Promise<void>>();

  constructor(address: Target['addresses'][number], request: PreparedRequest) {
    this.#address = address;
    this.#request = request;
    this.#bytes = renewableRequest(address, request);
  }

  /** Sends on schedule until the time is over, and waits for the last responses. */
  async run(untilMs: number, requestsPerSecond: number): Promise<void> {
    const startMs = performance.now();
    const periodMs = 1000 / requestsPerSecond;
    for (let i = 0; startMs + i * periodMs < untilMs; ) {
      const dueMs = startMs + i * periodMs;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) {
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        continue;
      }
      const sent = this.#send(dueMs);
      this.#underWay.add(sent);
      void sent.then(() => this.#underWay.delete(sent));
      i++;
    }
    await Promise.all(this.#underWay);
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  /** Sends on a free connection, or a new one: a request must not wait for the response to another. */
  async #send(dueMs: number): Promise<void> {
    try {
      const connection = this.#idle.pop() ?? (await Connection.open(this.#address));
      const response = await connection.request(this.#bytes.next());
      const { expectedStatus, expectedBody } = this.#request;
      const isExpected =
        response.status === expectedStatus && (expectedBody === null || response.body.toString() === expectedBody);
      this.counts.answered(response.status, isExpected, this.#bytes.length, response.bytes);
      this.latency.record(Math.round((performance.now() - dueMs) * 1000));
      if (connection.closed) return;
      this.#idle.push(connection);
    } catch {
      this.counts.failed++;
    }
  }
}
