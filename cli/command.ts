/** The interface of a command. */
import type { ExitCode } from '../core/errors.ts';

export interface Flag {
  /** A placeholder for the flag's value, such as `LIST`; absent if the flag is a switch. */
  readonly value?: string;
  /** True if two words follow it, as `--node A B`; it may then be given several times. */
  readonly pair?: true;
  /** An imperative sentence that ends in the default. */
  readonly help: string;
}

export type FlagTable = Readonly<Record<string, Flag>>;

export interface Positional {
  /** The name as the usage line shows it: `[DIR]`, `add|show|check`. */
  readonly name: string;
  readonly help: string;
  /** True if any number of arguments may be given in its place. */
  readonly repeats?: true;
}

export interface Example {
  /** The arguments after the command's name. */
  readonly args: string;
  readonly does: string;
}

/** All faults of a command line, collected so that they can be reported at once. */
export type Faults = string[];

/** A parsed command line, and the parser's faults. */
export interface Invocation {
  /** The arguments as typed. */
  readonly args: readonly string[];
  readonly values: Readonly<Record<string, string>>;
  /** The values of flags that take two, by the flag’s name. */
  readonly pairs: Readonly<Record<string, readonly (readonly [string, string])[]>>;
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
  readonly faults: Faults;
  /** Throws `UsageError` if there is any fault. A command calls it after reading all of its flags. */
  refuseFaults(): void;
  readonly signal: AbortSignal;
  /** The command table, for commands that document it. */
  readonly commands: readonly CommandEntry[];
}

export interface Command {
  readonly flags: FlagTable;
  readonly positionals?: readonly Positional[];
  readonly examples: readonly Example[];
  /** Paragraphs below the flags, such as a list of arms. */
  notes?(): Promise<readonly string[]>;
  /** True if the command stops in an orderly way when its signal is aborted; others are ended at once. */
  readonly stopsInOrder?: true;
  run(invocation: Invocation): Promise<ExitCode>;
}

export const GROUPS = [
  'Measure',
  'Check security',
  'Find regressions',
  'Read results',
  'Check Tollgate',
  'Prepare',
] as const;

/** A line of the command table. The command itself is loaded only when needed. */
export interface CommandEntry {
  readonly name: string;
  readonly group: (typeof GROUPS)[number];
  /** One imperative sentence. */
  readonly summary: string;
  /** True if it works on the repository itself, so that the installed package cannot run it. */
  readonly needsCheckout?: true;
  readonly load: () => Promise<Command>;
}
