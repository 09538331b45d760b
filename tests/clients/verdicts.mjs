// What every client here speaks: on stdin an audience and a token a line, on stdout a verdict a line, which is JSON:
// the claims of a token that verifies, or why it is refused.

import { createInterface } from 'node:readline';

/** Answers every line with what `verify(token, audience)` says: claims, or an error. */
export async function answer(verify) {
    for await (const line of createInterface({ input: process.stdin })) {
        const [audience, token] = line.split(' ');
        const verdict = await verify(token, audience).then(
            (claims) => ({ claims }),
            (error) => ({ refused: error.message }),
        );
        console.log(JSON.stringify(verdict));
    }
}
