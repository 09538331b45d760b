// How a client is asked: a line with an audience and a token, and for each a line with its verdict.

import { createInterface } from 'node:readline';

export async function answer(verify) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [audience, token] = line.split(' ');
    const verdict = await verify(token, audience).then(
      () => 'accepted',
      (error) => `refused: ${error.message}`,
    );
    console.log(verdict);
  }
}
