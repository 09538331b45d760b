// `jose`, with its own cache of the keys at its defaults.

import { createRemoteJWKSet, jwtVerify } from 'jose';
import { answer } from './verdicts.mjs';

const issuer = process.env.ISSUER;
const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));

await answer((token, audience) => jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt' }));
