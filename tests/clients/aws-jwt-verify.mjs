// `aws-jwt-verify`, with its own cache of the keys at its defaults.

import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { answer } from './verdicts.mjs';

const issuer = process.env.ISSUER;
// Its own fetcher insists on https, which the local stack does not speak.
const fetcher = { fetch: async (uri) => (await fetch(uri)).arrayBuffer() };
const jwksCache = new SimpleJwksCache({ fetcher });
const verifier = JwtVerifier.create(
  { issuer, audience: null, jwksUri: `${issuer}/.well-known/jwks.json` },
  { jwksCache },
);

await answer((token, audience) => verifier.verify(token, { audience }));
