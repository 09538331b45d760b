// Holds each example that attaches the authorizer against the same values, those of `expected.json`. `run` makes the
// templates before.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from '@cdktn/hcl2json';
import { read } from './cloudformation.mjs';

const EXAMPLES = join(import.meta.dirname, '../..');
const PAGE = join(EXAMPLES, '../docs/attach.md');
const MADE = process.env.ATTACH_TEMPLATES;
const EXPECTED = JSON.parse(readFileSync(join(import.meta.dirname, 'expected.json')));
const AUTHORIZER = `import(${EXPECTED.export})`;

const json = (file) => JSON.parse(readFileSync(join(MADE, file)));
const sam = (name) => {
  const { template, values } = json(`${name}.json`);
  return read(template, values);
};
/** Each CloudFormation template with an authorizer, and the settings that its authorizers must have. */
const TEMPLATES = {
  'http-api.yaml': [() => sam('http-api'), [EXPECTED.http]],
  'rest-api.yaml': [() => sam('rest-api'), [EXPECTED.rest]],
  'websocket-api.yaml': [() => sam('websocket-api'), [EXPECTED.websocket]],
  // CDK sends format 2.0 only to functions that give simple answers. The answer to format 1.0 is always a policy.
  cdk: [() => read(json('cdk/Reports.template.json')), [{ ...EXPECTED.http, format: '1.0' }, EXPECTED.rest]],
  serverless: [
    () => read(json('serverless/cloudformation-template-update-stack.json')),
    [EXPECTED.http, EXPECTED.rest],
  ],
};

for (const [name, [made, expected]] of Object.entries(TEMPLATES)) {
  test(`${name}: each authorizer has the expected settings and is the alias of Gatehouse`, () => {
    const { authorizers } = made();

    assert.deepEqual(
      authorizers.map(({ settings }) => settings),
      expected,
    );
    for (const authorizer of authorizers) assert.equal(authorizer.function, AUTHORIZER);
  });

  test(`${name}: each API, and no other caller, may invoke the alias`, () => {
    const { authorizers, permissions } = made();
    const ours = permissions.filter((permission) => permission.function === AUTHORIZER);

    for (const { api } of authorizers) {
      const permission = ours.find(({ source }) => source.includes(`:\${AWS::AccountId}:\${${api}}/`));
      assert.ok(permission, `${api} has no permission: ${JSON.stringify(ours)}`);
      assert.equal(permission.action, EXPECTED.permission.action);
      assert.equal(permission.principal, EXPECTED.permission.principal);
    }
    assert.equal(ours.length, authorizers.length);
  });

  test(`${name}: each route has the authorizer`, () => {
    assertRoutesAreClosed(made());
  });
}

for (const name of ['rest-api.yaml', 'rest-api-jwt.yaml', 'cdk', 'serverless']) {
  test(`${name}: a page can read the gateway's own answers`, () => {
    const { gatewayResponses } = TEMPLATES[name]?.[0]() ?? sam('rest-api-jwt');

    for (const [type, origin] of Object.entries(EXPECTED.gateway_responses)) {
      assert.equal(gatewayResponses[type], origin, type);
    }
  });
}

for (const [name, expected] of [
  ['http-api-jwt', EXPECTED.http_jwt],
  ['rest-api-jwt', EXPECTED.rest_jwt],
]) {
  test(`${name}.yaml: the gateway itself verifies tokens of the issuer for the audience`, () => {
    const made = sam(name);

    assert.deepEqual(
      made.authorizers.map(({ settings }) => settings),
      [expected],
    );
    assert.equal(made.authorizers[0].function, undefined);
    assertRoutesAreClosed(made);
    for (const { scopes } of made.routes) assert.deepEqual(scopes, ['reports:read']);
  });
}

test('http-api-jwt.yaml: a deployment fails if the gateway cannot read the discovery document', () => {
  const [api] = sam('http-api-jwt').apis;

  assert.equal(api.Properties.FailOnWarnings, true);
});

test('rest-api-jwt.yaml: the method names the kind of its authorizer', () => {
  const { routes } = sam('rest-api-jwt');

  assert.deepEqual(
    routes.map(({ type }) => type),
    ['JWT'],
  );
});

test('websocket-api.yaml: with a query parameter, the token is in it', () => {
  const { template, values } = json('websocket-api.json');
  const { authorizers } = read(template, { ...values, QueryParameter: 'token' });

  assert.deepEqual(authorizers[0].settings.identity, ['route.request.querystring.token']);
});

test('terraform: each authorizer has the expected settings and is the alias of Gatehouse', async () => {
  const { resource, data, variable } = await terraform();
  const [[parameter]] = Object.values(data.aws_ssm_parameter);
  const [stack] = variable.gatehouse_stack;

  assert.deepEqual(ofTerraform(resource.aws_apigatewayv2_authorizer.http), EXPECTED.http);
  assert.deepEqual(ofTerraform(resource.aws_api_gateway_authorizer.rest), EXPECTED.rest);
  assert.equal(parameter.name.replace('${var.gatehouse_stack}', stack.default), EXPECTED.parameter);
  for (const kind of ['aws_apigatewayv2_authorizer', 'aws_api_gateway_authorizer']) {
    const [[authorizer]] = Object.values(resource[kind]);
    assert.equal(authorizer.authorizer_uri, '${local.invocation}/${local.authorizer}/invocations');
  }
});

test('terraform: each API may invoke the alias', async () => {
  const { resource } = await terraform();

  for (const [name, api] of [
    ['http_authorizer', 'aws_apigatewayv2_api.http'],
    ['rest_authorizer', 'aws_api_gateway_rest_api.rest'],
  ]) {
    const [permission] = resource.aws_lambda_permission[name];
    assert.equal(permission.function_name, '${local.function}');
    assert.equal(permission.qualifier, '${local.alias}');
    assert.equal(permission.action, EXPECTED.permission.action);
    assert.equal(permission.principal, EXPECTED.permission.principal);
    assert.ok(permission.source_arn.startsWith(`\${${api}.execution_arn}/authorizers/`));
  }
});

test('terraform: each route has the authorizer', async () => {
  const { resource } = await terraform();

  for (const [route] of Object.values(resource.aws_apigatewayv2_route)) {
    assert.equal(route.authorization_type, 'CUSTOM');
    assert.equal(route.authorizer_id, '${aws_apigatewayv2_authorizer.http.id}');
  }
  for (const [method] of Object.values(resource.aws_api_gateway_method)) {
    assert.equal(method.authorization, 'CUSTOM');
    assert.equal(method.authorizer_id, '${aws_api_gateway_authorizer.rest.id}');
  }
});

test("terraform: a page can read the gateway's own answers", async () => {
  const { resource, variable } = await terraform();
  const [response] = resource.aws_api_gateway_gateway_response.rest;
  const [origin] = variable.allowed_origin;
  const header = response.response_parameters['gatewayresponse.header.Access-Control-Allow-Origin'];

  for (const [type, value] of Object.entries(EXPECTED.gateway_responses)) {
    assert.ok(response.for_each.includes(`"${type}"`), type);
    assert.equal(header.replace('${var.allowed_origin}', origin.default), value);
  }
});

const SKIP_TERRAFORM = process.env.TERRAFORM ? false : 'SKIPPED: neither terraform nor tofu is installed';

test('terraform: the ARN of an alias is split as a permission needs it', { skip: SKIP_TERRAFORM }, () => {
  const arn = 'arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:gatehouse-authorizer:live';
  const [locals] = /^locals \{[^]*?^\}/m.exec(readFileSync(join(EXAMPLES, 'terraform/main.tf'), 'utf8'));
  const folder = mkdtempSync(join(tmpdir(), 'attach-'));
  writeFileSync(
    join(folder, 'main.tf'),
    locals.replace('data.aws_ssm_parameter.authorizer.insecure_value', JSON.stringify(arn)),
  );

  const value = (name) =>
    JSON.parse(
      execFileSync(process.env.TERRAFORM, ['console'], {
        cwd: folder,
        input: `local.${name}\n`,
        stdio: ['pipe', 'pipe', 'ignore'],
      }),
    );

  assert.equal(`${value('function')}:${value('alias')}`, arn);
  assert.equal(value('alias'), 'live');
  assert.equal(value('invocation'), 'arn:aws-us-gov:apigateway:us-gov-west-1:lambda:path/2015-03-31/functions');
});

test('docs/attach.md quotes the examples', () => {
  const examples = readdirSync(EXAMPLES, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesOf(entry.name) : [entry.name]))
    .filter((file) => /\.(tf|ts|ya?ml)$/.test(file))
    .map((file) => readFileSync(join(EXAMPLES, file), 'utf8'));
  const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/^```\w+\n([^]*?)^```$/gm)].map(([, block]) => block);

  assert.notEqual(blocks.length, 0);
  for (const block of blocks) assert.ok(examples.some((example) => example.includes(block)), block);
});

/** Returns the files in a folder of the examples. */
function filesOf(folder) {
  return readdirSync(join(EXAMPLES, folder)).map((file) => join(folder, file));
}

/** Fails if a route other than a preflight is open, or names an authorizer that does not exist. */
function assertRoutesAreClosed({ authorizers, routes }) {
  // Only the first route of a WebSocket API has an authorizer.
  const closed = routes.filter(({ route }) => !route.startsWith('OPTIONS') && route !== '$default');
  assert.notEqual(closed.length, 0);
  for (const { route, authorizer } of closed) {
    assert.ok(
      authorizers.some(({ id }) => id === authorizer),
      `${route} has no authorizer`,
    );
  }
}

/** Returns the content of all files of the Terraform example. */
async function terraform() {
  const files = filesOf('terraform').filter((file) => file.endsWith('.tf'));
  return parse('all.tf', files.map((file) => readFileSync(join(EXAMPLES, file), 'utf8')).join('\n'));
}

/** Returns the settings of an authorizer in Terraform in the form of `expected.json`. */
function ofTerraform([authorizer]) {
  const settings = {
    type: authorizer.authorizer_type ?? authorizer.type,
    format: authorizer.authorizer_payload_format_version,
    simple: authorizer.enable_simple_responses,
    ttl: authorizer.authorizer_result_ttl_in_seconds,
    identity: authorizer.identity_sources ?? [authorizer.identity_source],
    validation: authorizer.identity_validation_expression,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
