/** Rewrites source paths and commands in a built file. Pure. */

/** A string with the path of a module that is started or read as a file: `new URL('./process.ts', import.meta.url)`. */
const MODULE = /(['"`])((?:[\w./-]|\$\{[^}`]*\})+)(?<!\.test|\.d)\.ts\1/g;

/** The package's commands, by the commands in a checkout. The longer form comes first. */
const COMMANDS: readonly (readonly [RegExp, string])[] = [
  [/\bnpm run tollgate lists\b/g, 'npx tollgate --help lists'],
  [/\bnpm run (\$\{\w+\}|COMMAND|[a-z]+(?::[a-z]+)?) -- /g, 'npx tollgate $1 '],
  [/\bnpm run (\$\{\w+\}|COMMAND|[a-z]+(?::[a-z]+)?)/g, 'npx tollgate $1'],
  [/\brun npm ci\b/g, 'install tollgate again'],
];

/** Files about npm itself, and about checkouts, which the package never handles. */
const ABOUT_NPM = /^(?:cli\/docs\/|cli\/parse\/npm-flags\.|regression\/compare\/)/;

/** @param file its path in the package, with `/` */
export function rewritten(file: string, text: string): string {
  if (ABOUT_NPM.test(file)) return text;
  const modules = text.replace(MODULE, '$1$2.js$1');
  if (!file.endsWith('.js')) return modules;
  return COMMANDS.reduce((done, [typed, instead]) => done.replace(typed, instead), modules);
}

/** References to a module by its source, or to a command of a checkout, that remain in a built file; one line each. */
export function leftovers(file: string, text: string): string[] {
  if (ABOUT_NPM.test(file)) return [];
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
  const modules = [...code.matchAll(new RegExp(MODULE, 'g'))].map(([path]) => `${file} names the module ${path}`);
  const commands = [...code.matchAll(/\bnpm (?:run|ci)\b.{0,20}/g)].map(([typed]) => `${file} says ${typed}`);
  return [...modules, ...commands];
}
