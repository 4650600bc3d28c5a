import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { transportOf } from './pipe.ts';

it('ends each message with a zero byte, and puts those together that come in pieces', () => {
  const [commands, replies] = [new PassThrough(), new PassThrough()];
  const transport = transportOf(commands, replies);
  const got: object[] = [];
  transport.onmessage = (message) => got.push(message);
  transport.send({ id: 1, text: 'ü' });
  expect(commands.read().toString()).toBe('{"id":1,"text":"ü"}\0');

  const bytes = Buffer.from('{"id":1,"text":"ü"}\0{"id":2}\0{"id":3}\0');
  // In the middle of a letter of two bytes, too.
  for (const byte of bytes) replies.write(Buffer.of(byte));
  return new Promise<void>((resolve) => {
    transport.onclose = () => {
      expect(got).toEqual([{ id: 1, text: 'ü' }, { id: 2 }, { id: 3 }]);
      resolve();
    };
    replies.end();
  });
});

it('delivers what comes at once in turns, so that an answer can be acted on before the event after it', async () => {
  const [commands, replies] = [new PassThrough(), new PassThrough()];
  const transport = transportOf(commands, replies);
  const answered = new Promise<object>((resolve) => {
    transport.onmessage = resolve;
  });
  replies.write('{"id":1}\0{"method":"event"}\0');
  await answered;
  const next = await new Promise<object>((resolve) => {
    transport.onmessage = resolve;
  });
  expect(next).toEqual({ method: 'event' });
});

it('survives a browser that has gone', async () => {
  const [commands, replies] = [new PassThrough(), new PassThrough()];
  const transport = transportOf(commands, replies);
  const closed = new Promise<string | undefined>((resolve) => {
    transport.onclose = resolve;
  });
  commands.destroy(new Error('EPIPE'));
  replies.destroy();
  expect(await closed).toContain('closed its pipe');
  transport.send({ id: 1 });
});
