/** How to start a process of a service, with its secrets. Pure. */
import { fill } from './placeholders.ts';
import type { StoreKind } from './schema.ts';

/** The value of a variable: a text in which `{{port}}` is replaced by the port, a secret, or the URL of a store. */
export type Variable = { readonly text: string } | { readonly secret: string } | { readonly from: StoreKind };

/** How to start one replica. */
export interface Launch {
  readonly command: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, Variable>>;
  readonly replicas: number;
  readonly speaksTls: boolean;
  /** Null if an open port suffices. */
  readonly ready: { readonly path: string; readonly status: number } | null;
  readonly readyWithinMs: number;
  readonly stopWithinMs: number;
}

/**
 * The command and environment of the replica on this port.
 *
 * @param urls of the stores that it may refer to
 */
export function onPort(
  { command, environment }: Pick<Launch, 'command' | 'environment'>,
  port: number,
  urls: ReadonlyMap<StoreKind, string> = new Map(),
) {
  const values = { port: String(port) };
  const resolved = (variable: Variable) => {
    if ('text' in variable) return fill(variable.text, values);
    return 'secret' in variable ? variable.secret : (urls.get(variable.from) ?? '');
  };
  return {
    command: command.map((argument) => fill(argument, values)),
    environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, resolved(value)])),
  };
}
