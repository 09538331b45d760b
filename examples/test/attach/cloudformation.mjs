// Reads from a CloudFormation template which authorizers, permissions, routes and answers of the gateway it makes, in
// one form for all kinds of API.

/** Returns what a template makes. The values of its parameters replace references to them. */
export function read(template, values = {}) {
  const resources = Object.entries(template.Resources).map(([id, resource]) => ({ id, ...resource }));
  const of = (...types) => types.flatMap((type) => resources.filter((resource) => resource.Type === type));
  const text = (value) => render(value, values, conditions(template, values));
  const apis = of('AWS::ApiGatewayV2::Api', 'AWS::ApiGateway::RestApi');
  const bodies = apis.filter((api) => api.Properties.Body);
  return {
    apis,
    authorizers: [
      ...of('AWS::ApiGatewayV2::Authorizer', 'AWS::ApiGateway::Authorizer').map((it) => ofResource(it, text)),
      ...bodies.flatMap((api) => ofBody(api, text)),
    ],
    permissions: of('AWS::Lambda::Permission').map(({ Properties: permission }) => ({
      function: text(permission.FunctionName),
      source: text(permission.SourceArn),
      action: permission.Action,
      principal: permission.Principal,
    })),
    routes: [
      ...of('AWS::ApiGatewayV2::Route', 'AWS::ApiGateway::Method').map(({ Properties: route }) => ({
        route: route.RouteKey ?? route.HttpMethod,
        authorizer: route.AuthorizationType === 'NONE' ? undefined : route.AuthorizerId?.Ref,
        type: route.AuthorizationType,
        scopes: route.AuthorizationScopes,
      })),
      ...bodies.flatMap(routesOf),
    ],
    gatewayResponses: Object.fromEntries([
      ...of('AWS::ApiGateway::GatewayResponse').map(({ Properties: response }) => [
        response.ResponseType,
        text(response.ResponseParameters['gatewayresponse.header.Access-Control-Allow-Origin']),
      ]),
      ...bodies.flatMap((api) =>
        Object.entries(api.Properties.Body['x-amazon-apigateway-gateway-responses'] ?? {}).map(([type, response]) => [
          type,
          text(response.responseParameters['gatewayresponse.header.Access-Control-Allow-Origin']),
        ]),
      ),
    ]),
  };
}

/** Returns the authorizer that a resource makes. */
function ofResource({ id, Properties: authorizer }, text) {
  return {
    id,
    api: (authorizer.ApiId ?? authorizer.RestApiId).Ref,
    settings: settings({
      type: authorizer.AuthorizerType ?? authorizer.Type,
      format: authorizer.AuthorizerPayloadFormatVersion,
      simple: authorizer.EnableSimpleResponses,
      ttl: authorizer.AuthorizerResultTtlInSeconds,
      identity: list(authorizer.IdentitySource).map(text),
      validation: authorizer.IdentityValidationExpression,
      jwt: authorizer.JwtConfiguration && resolve(authorizer.JwtConfiguration, text),
    }),
    function: functionOf(authorizer.AuthorizerUri, text),
  };
}

/** Returns the authorizers in the OpenAPI document of an API. */
function ofBody({ id: api, Properties: { Body: body } }, text) {
  const schemes = body.components?.securitySchemes ?? body.securityDefinitions ?? {};
  return Object.entries(schemes).flatMap(([id, scheme]) => {
    const authorizer = scheme['x-amazon-apigateway-authorizer'];
    if (!authorizer) return [];
    const header = body.swagger && scheme.in === 'header' ? `method.request.header.${scheme.name}` : undefined;
    return {
      id,
      api,
      settings: settings({
        type: authorizer.type.toUpperCase(),
        format: authorizer.authorizerPayloadFormatVersion,
        simple: authorizer.enableSimpleResponses,
        ttl: authorizer.authorizerResultTtlInSeconds,
        identity: list(authorizer.identitySource ?? header),
        validation: authorizer.identityValidationExpression,
        jwt: authorizer.jwtConfiguration && resolve(authorizer.jwtConfiguration, text),
      }),
      function: functionOf(authorizer.authorizerUri, text),
    };
  });
}

/** Returns the routes in the OpenAPI document of an API. */
function routesOf({ Properties: { Body: body } }) {
  return Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const schemes = (operation.security ?? []).flatMap((scheme) => Object.entries(scheme));
      const [authorizer, scopes] = schemes.find(([name]) => name !== 'api_key') ?? [];
      return { route: `${method.toUpperCase()} ${path}`, authorizer, type: undefined, scopes };
    }),
  );
}

/** Returns the settings that an authorizer has. One with a payload format answers with policies by default. */
function settings(all) {
  const simple = all.format === undefined ? all.simple : (all.simple ?? false);
  return Object.fromEntries(Object.entries({ ...all, simple }).filter(([, value]) => value !== undefined));
}

/** Returns the function that an authorizer calls, or `undefined` if it calls none. */
function functionOf(uri, text) {
  if (uri === undefined) return undefined;
  const [, name] = /:lambda:path\/2015-03-31\/functions\/(.*)\/invocations$/.exec(text(uri));
  return name;
}

/** Returns the parts of a list, which may be text with commas. */
function list(value) {
  return Array.isArray(value) ? value : (value ?? '').split(',').map((part) => part.trim());
}

/** Returns a value of a template with its references as text. */
function resolve(value, text) {
  if (Array.isArray(value)) return value.map((item) => resolve(item, text));
  if (typeof value !== 'object' || Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::')))
    return text(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, text)]));
}

/** Returns which conditions of a template are true. */
function conditions(template, values) {
  return Object.fromEntries(
    Object.entries(template.Conditions ?? {}).map(([name, { 'Fn::Equals': sides }]) => {
      const [left, right] = sides.map((side) => render(side, values, {}));
      return [name, left === right];
    }),
  );
}

/** Returns a value of a template as text. What only a deployment has stays in it as `${Name}` or `import(name)`. */
function render(value, values, conditions) {
  const text = (part) => render(part, values, conditions);
  if (typeof value !== 'object') return String(value);
  const [[name, argument]] = Object.entries(value);
  switch (name) {
    case 'Ref':
      return values[argument] ?? `\${${argument}}`;
    case 'Fn::GetAtt':
      return `\${${[argument].flat().join('.')}}`;
    case 'Fn::ImportValue':
      return `import(${text(argument)})`;
    case 'Fn::Join':
      return argument[1].map(text).join(argument[0]);
    case 'Fn::If':
      return text(conditions[argument[0]] ? argument[1] : argument[2]);
    case 'Fn::Sub': {
      const [pattern, names = {}] = [argument].flat();
      const replace = (whole, key) => (key in names ? text(names[key]) : (values[key] ?? whole));
      return pattern.replace(/\$\{([^}]+)\}/g, replace);
    }
    case 'Fn::Select':
      return `select(${argument[0]}, ${JSON.stringify(argument[1])})`;
    default:
      throw new Error(`unknown function ${name}`);
  }
}
