/** The flag that names a collector of traces. */
import type { Faults } from '../command.ts';

export const TRACE_ENDPOINT = {
  value: 'URL',
  help: 'Send the run as an OpenTelemetry trace to this collector, by OTLP over HTTP, such as http://127.0.0.1:4318 (default: none).',
} as const;

/** Where a collector takes traces when its address has no path: the default of OTLP over HTTP. */
const PATH = '/v1/traces';

/** @returns null where the flag is not there, or has a fault, which is added */
export function readTraceEndpoint(text: string | undefined, faults: Faults): string | null {
  if (text === undefined) return null;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    faults.push(`--trace-endpoint: ${JSON.stringify(text)} must be an address such as http://127.0.0.1:4318`);
    return null;
  }
  // The command line is in the results, too. A key in a query is a credential as much as a password.
  if (url.username !== '' || url.password !== '' || url.search !== '') {
    faults.push(
      '--trace-endpoint: use an address without credentials or query, since other users can read arguments: put credentials in OTEL_EXPORTER_OTLP_HEADERS',
    );
    return null;
  }
  if (url.pathname === '/') url.pathname = PATH;
  return url.href;
}
