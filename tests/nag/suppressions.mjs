// The findings of cdk-nag that are no faults. Each entry has the rule, the reason, and the resources of each template
// that it is about. `*` is every resource of the template.

const ATTACHED = ['http-api.yaml', 'http-api-jwt.yaml', 'rest-api.yaml', 'rest-api-jwt.yaml', 'websocket-api.yaml'];

/** The function of each example that attaches the authorizer. */
const FUNCTIONS = {
  ...Object.fromEntries(ATTACHED.map((name) => [name, ['ReportsFunction']])),
  'websocket-api.yaml': ['MessagesFunction'],
};
/** The stage of each example that attaches the authorizer. */
const STAGES = {
  'http-api.yaml': ['ApiApiGatewayDefaultStage'],
  'http-api-jwt.yaml': ['ApiApiGatewayDefaultStage'],
  'rest-api.yaml': ['ApiprodStage'],
  'rest-api-jwt.yaml': ['Stage'],
  'websocket-api.yaml': ['Stage'],
};
const REST_STAGES = { 'rest-api.yaml': STAGES['rest-api.yaml'], 'rest-api-jwt.yaml': STAGES['rest-api-jwt.yaml'] };

export const suppressions = [
  // Routes without an authorizer. Each route is named, so that a new one cannot be open by mistake.
  {
    rule: 'AwsSolutions-APIG4',
    reason:
      'The caller has no access token yet, or no valid one. The function itself checks what the request has instead: ' +
      'a password, a passkey, a code, a refresh token, or a token from a letter.',
    resources: {
      'template.yaml': [
        'LoginRoute',
        'SecondStepRoute',
        'SecondStepOptionsRoute',
        'PasskeyLoginRoute',
        'PasskeyLoginOptionsRoute',
        'RefreshRoute',
        'LogoutRoute',
        'RegisterConfirmRoute',
        'ResetRoute',
        'AddressConfirmRoute',
        'KeepAccountKeepRoute',
      ],
    },
  },
  {
    rule: 'AwsSolutions-APIG4',
    reason: 'Anyone may ask for a letter. The answer is the same for every address, and limits bound the letters.',
    resources: { 'template.yaml': ['RequestMailRegisterRoute', 'RequestMailForgotRoute'] },
  },
  {
    rule: 'AwsSolutions-APIG4',
    reason: 'Everyone may read the public keys and the metadata, because verifiers need them.',
    resources: {
      'template.yaml': ['JwksRoute', 'JwksOpenidConfigurationRoute', 'JwksAuthorizationServerRoute'],
    },
  },
  {
    rule: 'AwsSolutions-APIG4',
    reason: 'Everyone may read the pages, their assets and the contract. They have nothing of any user.',
    resources: {
      'template.yaml': [
        'PagesLoginRoute',
        'PagesAccountRoute',
        'PagesSessionsRoute',
        'PagesAddressPageRoute',
        'PagesDeletePageRoute',
        'PagesKeepPageRoute',
        'PagesPasswordPageRoute',
        'PagesSecondFactorPageRoute',
        'PagesAddressConfirmPageRoute',
        'PagesRegisterPageRoute',
        'PagesRegisterConfirmPageRoute',
        'PagesForgotPageRoute',
        'PagesResetPageRoute',
        'PagesContractRoute',
        'PagesAssetRoute',
      ],
    },
  },
  {
    rule: 'AwsSolutions-APIG4',
    reason: 'A WebSocket API asks the authorizer only when a connection begins, in the route $connect.',
    resources: { 'websocket-api.yaml': ['DefaultRoute'] },
  },

  // Secrets without a schedule.
  {
    rule: 'AwsSolutions-SMG4',
    reason: 'With a new key, all addresses would lose their counted failures.',
    resources: { 'template.yaml': ['PseudonymKey'] },
  },
  {
    rule: 'AwsSolutions-SMG4',
    reason:
      'A person replaces these keys, because what the old key sealed must be readable until it is sealed again. The ' +
      'functions open it with the member "previous".',
    resources: { 'template.yaml': ['FactorKey', 'MailKey'] },
  },
  {
    rule: 'AwsSolutions-SMG4',
    reason:
      'A person replaces this key in two steps, because CloudFront and the functions must change one after the ' +
      'other.',
    resources: { 'cloudfront.yaml': ['EdgeKeys'] },
  },

  {
    rule: 'AwsSolutions-DDB3',
    reason:
      'Everything in these tables is at most a day old. Restored counters would make people wait for old failures, ' +
      'and anyone can ask for a letter again.',
    resources: { 'template.yaml': ['AttemptsTable', 'MailTable'] },
  },

  // Queues. Both are the last stop of what failed.
  {
    rule: 'AwsSolutions-SQS3',
    reason:
      'The queue is itself the destination of what failed, for an event source. The rule knows only other queues.',
    resources: { 'template.yaml': ['MailFailures', 'EventFailures'] },
  },
  {
    rule: 'Serverless-SQSRedrivePolicy',
    reason: 'The queue is itself the destination of what failed. No program reads it, so no read of it can fail.',
    resources: { 'template.yaml': ['MailFailures', 'EventFailures'] },
  },
  {
    rule: 'AwsSolutions-SQS4',
    reason: 'The queue is encrypted, and SQS refuses requests without TLS to an encrypted queue.',
    resources: { 'template.yaml': ['MailFailures', 'EventFailures'] },
  },

  // Policies of AWS that the SAM transform attaches.
  {
    rule: 'AwsSolutions-IAM4[Policy::arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    reason:
      'The SAM transform gives this policy to each function. It allows the function to write logs, but not to read ' +
      'them, and gives no access to data.',
    resources: { 'template.yaml': ['*'], ...Object.fromEntries(ATTACHED.map((name) => [name, ['*']])) },
  },
  {
    rule: 'AwsSolutions-IAM4[Policy::arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole]',
    reason:
      'The SAM transform gives this policy to each function that reads a stream. It allows the streams of all tables, ' +
      "but a statement of the template denies those that are not the function's own.",
    resources: { 'template.yaml': ['MailerSesFunctionRole', 'MailerEventFunctionRole', 'PublishEventsFunctionRole'] },
  },
  {
    rule: 'AwsSolutions-IAM4[Policy::arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda]',
    reason:
      'The SAM transform gives this policy to the role of CodeDeploy. Only CodeDeploy can assume the role, and AWS ' +
      'maintains what it needs to move an alias.',
    resources: { 'template.yaml': ['CodeDeployServiceRole'] },
  },

  // Patterns in the policies of people.
  ...[
    'arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/<AWS::StackName>/*',
    'arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:<ApiLogGroup>:*',
    'arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:<OperatorsLogGroup>:*',
    'arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws/lambda/<AWS::StackName>-*',
    'arn:<AWS::Partition>:apigateway:<AWS::Region>::/apis/<Api>/*',
  ].map((resource) => ({
    rule: `AwsSolutions-IAM5[Resource::${resource}]`,
    reason:
      'What the pattern adds is the random id of the stack, or a part of the API or of a log group. A policy would be ' +
      'too large with the names of all log groups. All actions only read.',
    resources: { 'template.yaml': ['ReaderPolicy'] },
  })),
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:<OperatorsLogGroup>:*]',
    reason: 'What the pattern adds is the stream of the day, in the one log group to which operators write.',
    resources: { 'template.yaml': ['OperatorPolicy'] },
  },
  ...[
    'arn:<AWS::Partition>:apigateway:<AWS::Region>::/apis/*/authorizers',
    'arn:<AWS::Partition>:apigateway:<AWS::Region>::/restapis/*/authorizers',
    '*',
  ].map((resource) => ({
    rule: `AwsSolutions-IAM5[Resource::${resource}]`,
    reason:
      'These actions only read, and have no resources of one stack: any API may use the authorizer, and the results of ' +
      'queries, metrics, names of log groups, and the settings of SES belong to the account.',
    resources: { 'template.yaml': ['ReaderPolicy'] },
  })),
  {
    rule: 'AwsSolutions-IAM5[*]',
    reason:
      'A deployer cannot know the random part of a name. The patterns begin with the name of the stack where the ' +
      'service names a resource so, and the deployment test holds them to that. API Gateway, SES and mappings of ' +
      'streams have only ids, and some actions have no resources.',
    resources: { 'deployer.yaml': ['DeployerPolicy', 'DeployerDataPolicy'] },
  },

  // Asynchronous invocations.
  {
    rule: 'Serverless-LambdaDLQ',
    reason:
      'Only asynchronous invocations use such a queue. The gateway waits for the answers of most functions. The ' +
      'functions that read a stream have a queue for what failed. What a schedule starts does the same work again at ' +
      'its next run. Secrets Manager repeats a rotation that failed.',
    resources: { 'template.yaml': ['*'], ...FUNCTIONS },
  },
  {
    rule: 'Serverless-EventBusDLQ',
    reason: 'The event of a schedule has nothing to keep. The next one starts the same work again.',
    resources: {
      'template.yaml': [
        'RemoveAccountsFunctionEachHour',
        'CompactFeedFunctionEachMinute',
        'RotateKeysFunctionEachDay',
      ],
    },
  },

  {
    rule: 'Serverless-LambdaTracing',
    reason:
      'Traces cost money with each request, so the template has the parameter Tracing. The logs of the gateway and of ' +
      'the functions have the same request id, and the metrics have the durations.',
    resources: { 'template.yaml': ['*'], ...FUNCTIONS },
  },

  // CloudFront.
  {
    rule: 'AwsSolutions-CFR1',
    reason: 'Users may be in any country. The reader of the example knows where they are.',
    resources: { 'cloudfront.yaml': ['Distribution'] },
  },
  {
    rule: 'AwsSolutions-CFR3',
    reason:
      'The distribution has access logs: LogDelivery sends them to CloudWatch. The rule knows only the older logs in ' +
      'a bucket, which cannot leave out paths and queries.',
    resources: { 'cloudfront.yaml': ['Distribution'] },
  },
  {
    rule: 'Serverless-APIGWStructuredLogging',
    reason:
      'The format is JSON. The rule cannot read it, because a parameter decides whether it has the address of the ' +
      'caller. A test in tests/repository reads it.',
    resources: { 'template.yaml': ['ApiStage'] },
  },

  // The examples that attach the authorizer.
  ...['AwsSolutions-APIG1', 'Serverless-APIGWAccessLogging'].map((rule) => ({
    rule,
    reason: "The example shows only how an API gets its authorizer. Its reader's own API decides about access logs.",
    resources: STAGES,
  })),
  {
    rule: 'AwsSolutions-APIG6',
    reason:
      "The example shows only how an API gets its authorizer. These logs need a role in the account's settings, " +
      'which a stack should not change.',
    resources: REST_STAGES,
  },
  {
    rule: 'Serverless-APIGWDefaultThrottling',
    reason: "The example shows only how an API gets its authorizer. The account's limits apply, or a usage plan.",
    resources: STAGES,
  },
  {
    rule: 'Serverless-APIGWXrayEnabled',
    reason:
      "The example shows only how an API gets its authorizer. Its reader's own API decides about traces, which cost " +
      'money.',
    resources: REST_STAGES,
  },
  {
    rule: 'AwsSolutions-APIG2',
    reason: 'The methods are GET, so no request has a body that the gateway could validate.',
    resources: { 'rest-api.yaml': ['Api'], 'rest-api-jwt.yaml': ['Api'] },
  },
  {
    rule: 'AwsSolutions-APIG3',
    reason: 'The example shows only how an API gets its authorizer. `cloudfront.yaml` shows AWS WAF.',
    resources: REST_STAGES,
  },
  {
    rule: 'AwsSolutions-COG4',
    reason: 'The method has an authorizer: the tokens are those of Gatehouse, and not of Cognito.',
    resources: { 'rest-api-jwt.yaml': ['ReportsMethod'] },
  },
  ...['Serverless-LambdaDefaultMemorySize', 'Serverless-LambdaDefaultTimeout'].map((rule) => ({
    rule,
    reason: 'The function only returns what it gets. The defaults of Lambda are enough for that.',
    resources: FUNCTIONS,
  })),
];
