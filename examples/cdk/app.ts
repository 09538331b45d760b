// An HTTP API and a REST API in a stack of their own, protected by the authorizer of a Gatehouse stack in the same
// account and region. Each setting of an authorizer that has a comment is one whose default breaks a promise.
import { App, Duration, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import { LambdaIntegration, ResponseType, RestApi, TokenAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { APIGATEWAY_AUTHORIZER_CHANGE_DEPLOYMENT_LOGICAL_ID } from 'aws-cdk-lib/cx-api';
import type { Construct } from 'constructs';

interface Props extends StackProps {
  /** The name of the Gatehouse stack. */
  gatehouse: string;
  /** The web origin whose pages may call the REST API. */
  origin: string;
}

class Reports extends Stack {
  constructor(scope: Construct, id: string, props: Props) {
    super(scope, id, props);
    const gatehouse = Function.fromFunctionAttributes(this, 'Gatehouse', {
      // The ARN of the authorizer's alias. The permissions name the alias too.
      functionArn: Fn.importValue(`${props.gatehouse}-AuthorizerArn`),
      // Without this, CDK makes no permissions for an imported function, and the gateway answers 500.
      sameEnvironment: true,
    });

    const http = new HttpApi(this, 'HttpApi', {
      defaultAuthorizer: new HttpLambdaAuthorizer('Gatehouse', gatehouse, {
        // CDK sends payload format 1.0 with IAM, to which the authorizer answers with a policy, whatever the parameter
        // AuthorizerResponse of its stack is. With SIMPLE, CDK sends 2.0, and that parameter must be `simple` too.
        responseTypes: [HttpLambdaResponseType.IAM],
        // The default is 300 seconds, for which a revoked token stays valid.
        resultsCacheTtl: Duration.seconds(0),
        // The default has no route. A cached simple answer for one route would then open all others.
        identitySource: ['$request.header.Authorization', '$context.routeKey'],
      }),
    });
    const reports = (name: string, code: string) =>
      new Function(this, name, { runtime: Runtime.NODEJS_22_X, handler: 'index.handler', code: Code.fromInline(code) });
    http.addRoutes({
      path: '/reports',
      methods: [HttpMethod.GET],
      integration: new HttpLambdaIntegration(
        'Reports',
        reports(
          'HttpReports',
          `exports.handler = async (event) => {
            const { sub, role } = event.requestContext.authorizer.lambda;
            return { sub, role };
          };`,
        ),
      ),
    });

    const rest = new RestApi(this, 'RestApi', {
      cloudWatchRole: false,
      defaultMethodOptions: {
        authorizer: new TokenAuthorizer(this, 'RestAuthorizer', {
          handler: gatehouse,
          // The default is 300 seconds, for which a revoked token stays valid.
          resultsCacheTtl: Duration.seconds(0),
          // A request without a bearer token gets 401 without an invocation.
          validationRegex: '^[Bb][Ee][Aa][Rr][Ee][Rr] +[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
        }),
      },
      defaultCorsPreflightOptions: {
        allowOrigins: [props.origin],
        allowMethods: ['GET'],
        allowHeaders: ['authorization'],
      },
    });
    // By default, an answer of the gateway itself has no such header. A page then sees a network error instead of a
    // 401, and does not refresh its token.
    for (const type of [ResponseType.DEFAULT_4XX, ResponseType.DEFAULT_5XX]) {
      rest.addGatewayResponse(type.responseType, {
        type,
        responseHeaders: { 'Access-Control-Allow-Origin': `'${props.origin}'` },
      });
    }
    rest.root.addResource('reports').addMethod(
      'GET',
      new LambdaIntegration(
        reports(
          'RestReports',
          `exports.handler = async (event) => {
            const { sub, role } = event.requestContext.authorizer;
            return {
              statusCode: 200,
              headers: { 'Access-Control-Allow-Origin': '${props.origin}' },
              body: JSON.stringify({ sub, role }),
            };
          };`,
        ),
      ),
    );
  }
}

// Otherwise a change of the authorizer would not reach the stage of the REST API.
const app = new App({ context: { [APIGATEWAY_AUTHORIZER_CHANGE_DEPLOYMENT_LOGICAL_ID]: true } });
new Reports(app, 'Reports', {
  gatehouse: app.node.tryGetContext('gatehouse') ?? 'gatehouse',
  origin: app.node.tryGetContext('origin') ?? 'https://app.example.com',
});
