/** The flag for the address of a trace collector. */
import type { Faults } from '../command.ts';

export const TRACE_ENDPOINT = {
  value: 'URL',
  help: 'Send the run as an OpenTelemetry trace to this collector, by OTLP over HTTP, such as http://127.0.0.1:4318 (default: none).',
} as const;

/** The default path of OTLP over HTTP, used if the address has none. */
const PATH = '/v1/traces';

/** @returns null if the flag is absent or invalid, which adds a fault */
export function readTraceEndpoint(text: string | undefined, faults: Faults): string | null {
  if (text === undefined) return null;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    faults.push(`--trace-endpoint: ${JSON.stringify(text)} must be an address such as http://127.0.0.1:4318`);
    return null;
  }
  // The command line is recorded in the results. A key in a query is as much a credential as a password.
  if (url.username !== '' || url.password !== '' || url.search !== '') {
    faults.push(
      '--trace-endpoint: use an address without credentials or query, since other users can read arguments: put credentials in OTEL_EXPORTER_OTLP_HEADERS',
    );
    return null;
  }
  if (url.pathname === '/') url.pathname = PATH;
  return url.href;
}
