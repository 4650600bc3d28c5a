/** What a built file says in another way than its source. Pure. */

/** A text that is the path of a module, which is started or read as a file: `new URL('./process.ts', import.meta.url)`. */
const MODULE = /(['"`])((?:[\w./-]|\$\{[^}`]*\})+)(?<!\.test|\.d)\.ts\1/g;

/** How commands are typed, by how they are typed in a checkout. The longer form comes first. */
const COMMANDS: readonly (readonly [RegExp, string])[] = [
  [/\bnpm run tollgate lists\b/g, 'npx tollgate --help lists'],
  [/\bnpm run (\$\{\w+\}|COMMAND|[a-z]+(?::[a-z]+)?) -- /g, 'npx tollgate $1 '],
  [/\bnpm run (\$\{\w+\}|COMMAND|[a-z]+(?::[a-z]+)?)/g, 'npx tollgate $1'],
  [/\brun npm ci\b/g, 'install tollgate again'],
];

/** What speaks of npm itself, and of checkouts, which the package never works on. */
const ABOUT_NPM = /^(?:cli\/docs\/|cli\/parse\/npm-flags\.|regression\/compare\/)/;

/** @param file its path in the package, with `/` */
export function rewritten(file: string, text: string): string {
  if (ABOUT_NPM.test(file)) return text;
  const modules = text.replace(MODULE, '$1$2.js$1');
  if (!file.endsWith('.js')) return modules;
  return COMMANDS.reduce((done, [typed, instead]) => done.replace(typed, instead), modules);
}

/** Whether a built file still names a module by its source, or a command as it is typed in a checkout: each in one line. */
export function leftovers(file: string, text: string): string[] {
  if (ABOUT_NPM.test(file)) return [];
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
  const modules = [...code.matchAll(new RegExp(MODULE, 'g'))].map(([path]) => `${file} names the module ${path}`);
  const commands = [...code.matchAll(/\bnpm (?:run|ci)\b.{0,20}/g)].map(([typed]) => `${file} says ${typed}`);
  return [...modules, ...commands];
}
