#!/usr/bin/env node
// A verifier that uses `jose` as its manual does. Its arguments are an issuer and the URL of the keys.

import { createRemoteJWKSet, jwtVerify } from 'jose';

import { answer } from './verdicts.mjs';

const [issuer, jwksUri] = process.argv.slice(2);
const keys = createRemoteJWKSet(new URL(jwksUri));

await answer(async (token, audience) => {
    const { payload } = await jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt' });
    return payload;
});
