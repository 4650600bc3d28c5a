import { expect, it } from 'vitest';
import { UsageError } from '../core/errors.ts';
import { helpPage } from './help.ts';
import { parseArguments } from './parse/arguments.ts';
import { COMMANDS } from './registry.ts';

it.each(COMMANDS.map((entry) => [entry.name, entry] as const))(
  '%s explains its flags in sentences, and shows examples that parse',
  { timeout: 60_000 },
  async (name, entry) => {
    const command = await entry.load();
    expect(entry.summary).toMatch(/^[A-Z][^\n]*\.$/);
    for (const { help } of Object.values(command.flags))
      expect(help.replace(/^(\w+( and \w+)?): (\w)/, 'A$3')).toMatch(/^[A-Z].*\.$/);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { args } of command.examples) {
      expect(parseArguments(args.split(' ').filter(Boolean), command).faults).toEqual([]);
    }
    const page = await helpPage(entry, command);
    expect(page).toContain(`Usage: npm run ${name} -- [flags]`);
    for (const flag of [...Object.keys(command.flags), 'help']) expect(page).toContain(`--${flag}`);
    expect(page).toContain('Exit codes: 0 success');
  },
);

it.each(COMMANDS.map((entry) => [entry.name, entry] as const))(
  '%s refuses an invalid command line before it does anything',
  { timeout: 60_000 },
  async (_name, entry) => {
    const command = await entry.load();
    const { wantsHelp: _, ...parsed } = parseArguments(['--nonsense', '--nothing'], command);
    const running = command.run({
      ...parsed,
      args: [],
      refuseFaults: () => {
        if (parsed.faults.length > 0) throw new UsageError(parsed.faults, '');
      },
      signal: AbortSignal.abort(),
      commands: COMMANDS,
    });
    await expect(running).rejects.toThrow(/unknown option --nonsense.*unknown option --nothing/);
  },
);

it('--arms takes a list, and --arm one name, in every command', { timeout: 60_000 }, async () => {
  const kinds = await Promise.all(
    COMMANDS.map(async ({ load }) => {
      const { flags } = await load();
      return [flags.arms?.value, flags.arm?.value];
    }),
  );
  expect(new Set(kinds.map(([list]) => list))).toEqual(new Set([undefined, 'LIST']));
  expect(new Set(kinds.map(([, one]) => one))).toEqual(new Set([undefined, 'NAME']));
});

it('says the minutes of a profile only where all experiments run', { timeout: 60_000 }, async () => {
  const helps = await Promise.all(
    COMMANDS.map(async ({ name, load }) => [name, (await load()).flags.profile?.help ?? ''] as const),
  );
  expect(helps.filter(([, help]) => help.includes('every experiment')).map(([name]) => name)).toEqual(['bench']);
});
