/** A command line that can be copied and run again. Pure. */
export function typedCommand(script: string, args: readonly string[]): string {
  const quoted = args.map((arg) => (/^[\w./:,=@-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`));
  return quoted.length === 0 ? `npm run ${script}` : `npm run ${script} -- ${quoted.join(' ')}`;
}
