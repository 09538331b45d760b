// The protocol of all clients. Each line on stdin is an audience and a token. Each line on stdout is a verdict in JSON:
// the claims of a valid token, or the reason for its refusal.

import { createInterface } from 'node:readline';

/** Answers every line with the result of `verify(token, audience)`: claims, or an error. */
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
