/** The Lua script for wrk, with the requests of a target. Pure. */
import { requestBytes } from '../connection/request.ts';
import type { Target } from '../protocol.ts';

/** The prefix of the only line of wrk's output that is read. */
export const REPORT = 'tollgate-report';

/** Writes every byte as a number, so that none can end the string or have a meaning in Lua. */
function quoted(bytes: Uint8Array): string {
  return `"${[...bytes].map((byte) => `\\${String(byte).padStart(3, '0')}`).join('')}"`;
}

/**
 * One thread per address, which sends the target's requests in turn over all of its connections. The requests are
 * complete, so wrk adds nothing to them. @throws Error if a request is invalid
 */
export function wrkScript({ addresses, requests }: Target): string {
  const places = addresses.map((address) => {
    const own = requests.map((request) => quoted(requestBytes(address, request)));
    const [host, port] = [address.host, String(address.port)].map((text) => quoted(Buffer.from(text)));
    return `{ host = ${host}, port = ${port}, requests = { ${own.join(', ')} } }`;
  });
  return `local places = { ${places.join(', ')} }
local threads = 0
function setup(thread)
  threads = threads + 1
  thread.addr = wrk.lookup(places[threads].host, places[threads].port)[1]
  thread:set("place", threads)
end
local own, sent
function init()
  own = places[place].requests
  sent = 0
end
function request()
  sent = sent % #own + 1
  return own[sent]
end
function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  local counts = { summary.requests, summary.duration, summary.bytes, errors.status, failed }
  io.write("\\n${REPORT} " .. table.concat(counts, " ") .. "\\n")
end
`;
}

export interface WrkReport {
  /** Answers of any status. */
  readonly requests: number;
  /** Time from the start of its threads, which first connect, to their end, ms. */
  readonly durationMs: number;
  readonly bytes: number;
  /** Responses with a status above 399. */
  readonly refused: number;
  /** Failed connections, reads and writes, and responses that timed out. */
  readonly failed: number;
}

/** @returns null if the output has no report */
export function readReport(output: string): WrkReport | null {
  const line = output.split('\n').findLast((one) => one.startsWith(`${REPORT} `));
  const numbers = line?.split(' ').slice(1).map(Number) ?? [];
  const [requests, micros, bytes, refused, failed] = numbers;
  if (requests === undefined || micros === undefined || bytes === undefined) return null;
  if (refused === undefined || failed === undefined || !numbers.every(Number.isFinite)) return null;
  return { requests, durationMs: micros / 1000, bytes, refused, failed };
}
