/** The last output of an ended process explains why it ended. */
import { expect, it } from 'vitest';
import { BoundedOutput } from './output.ts';

it('keeps the error of Node, which the stack would otherwise push out', () => {
  const output = new BoundedOutput();
  output.add(`listening
/srv/shop/server.js:5
app.use(session());
        ^

TypeError: session is not a function
    at Object.<anonymous> (/srv/shop/server.js:5:9)
    at Module._compile (node:internal/modules/cjs/loader:1956:14)
    at async Promise.all (index 0)
    at node:internal/main/run_main_module:33:47 {
  code: 'X'
}

Node.js v26.10.0
`);
  expect(output.lastWords()).toBe(
    ": listening | /srv/shop/server.js:5 | app.use(session()); | TypeError: session is not a function | code: 'X'",
  );
});

it('shows other lines unchanged', () => {
  const output = new BoundedOutput(['s3cr3t']);
  output.add('look at 10:30:15\nValueError: s3cr3t is wrong\n');
  expect(output.lastWords()).toBe(': look at 10:30:15 | ValueError: *** is wrong');
});
