// An authorizer with aws-jwt-verify. Its loop is the cheapest one in Node: AWS's own client of the Runtime API costs
// more.
import { Agent, request } from 'node:http';
import { JwtVerifier } from 'aws-jwt-verify';

const { ISSUER, AUDIENCE, JWKS, AWS_LAMBDA_RUNTIME_API: api } = process.env;
const [host, port] = api.split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const invocation = '/2018-06-01/runtime/invocation/';

const verifier = JWKS && JwtVerifier.create({ issuer: ISSUER, audience: AUDIENCE, jwksUri: `${ISSUER}/jwks` });
if (verifier) verifier.cacheJwks(JSON.parse(JWKS));

const send = (method, path, body) =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = request({ agent, host, port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve([response.headers, text]));
    });
    sent.on('error', reject);
    sent.end(body);
  });

const authorize = async (event) => {
  if (!verifier) return { isAuthorized: true };
  try {
    const { sub, scope, role } = await verifier.verify(event.headers.authorization.slice('Bearer '.length));
    return { isAuthorized: true, context: { sub, scope, role } };
  } catch {
    return { isAuthorized: false };
  }
};

for (;;) {
  const [headers, event] = await send('GET', `${invocation}next`);
  const answer = JSON.stringify(await authorize(JSON.parse(event)));
  await send('POST', `${invocation}${headers['lambda-runtime-aws-request-id']}/response`, answer);
}
