#!/usr/bin/env node
// A verifier that uses `aws-jwt-verify` as its manual does. Its arguments are an issuer and the URL of the keys.

import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';

import { answer } from './verdicts.mjs';

const [issuer, jwksUri] = process.argv.slice(2);
// The library's own fetcher requires https, and there is no certificate here.
const fetcher = { fetch: async (uri) => (await fetch(uri)).arrayBuffer() };
const verifier = JwtVerifier.create(
    { issuer, jwksUri, audience: null },
    { jwksCache: new SimpleJwksCache({ fetcher }) },
);

await answer((token, audience) => verifier.verify(token, { audience }));
