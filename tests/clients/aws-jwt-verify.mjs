#!/usr/bin/env node
// A verifier as its manual has it: `aws-jwt-verify`, with an issuer and the address of its keys.

import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';

import { answer } from './verdicts.mjs';

const [issuer, jwksUri] = process.argv.slice(2);
// Its own fetcher speaks nothing but https; no certificate is at hand here.
const fetcher = { fetch: async (uri) => (await fetch(uri)).arrayBuffer() };
const verifier = JwtVerifier.create(
    { issuer, jwksUri, audience: null },
    { jwksCache: new SimpleJwksCache({ fetcher }) },
);

await answer((token, audience) => verifier.verify(token, { audience }));
