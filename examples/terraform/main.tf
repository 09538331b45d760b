# An HTTP API, protected by the authorizer of a Gatehouse stack in the same account and region. Each setting of an
# authorizer that has a comment is one whose default breaks a promise.

# The ARN of the authorizer's alias: arn:aws:lambda:REGION:ACCOUNT:function:NAME:live
data "aws_ssm_parameter" "authorizer" {
  name = "/${var.gatehouse_stack}/authorizer-arn"
}

locals {
  authorizer = data.aws_ssm_parameter.authorizer.insecure_value
  parts      = split(":", local.authorizer)
  # A permission names the function and the alias separately. With the ARN of the alias as `function_name`, each plan
  # would replace the permission (hashicorp/terraform-provider-aws#38558).
  function   = join(":", slice(local.parts, 0, 7))
  alias      = local.parts[7]
  invocation = "arn:${local.parts[1]}:apigateway:${local.parts[3]}:lambda:path/2015-03-31/functions"
}

resource "aws_apigatewayv2_api" "http" {
  name          = "reports"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "http" {
  api_id      = aws_apigatewayv2_api.http.id
  name        = "$default"
  auto_deploy = true
}

resource "aws_apigatewayv2_authorizer" "http" {
  api_id                            = aws_apigatewayv2_api.http.id
  name                              = "gatehouse"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = "${local.invocation}/${local.authorizer}/invocations"
  authorizer_payload_format_version = "2.0"
  # Must be true if the parameter AuthorizerResponse of the Gatehouse stack is `simple`, and false if it is `policy`.
  enable_simple_responses = false
  # The default is 300 seconds, for which a revoked token stays valid.
  authorizer_result_ttl_in_seconds = 0
  # Without the route, a cached simple answer for one route would open all others.
  identity_sources = ["$request.header.Authorization", "$context.routeKey"]
}

# Without this permission, the gateway answers 500.
resource "aws_lambda_permission" "http_authorizer" {
  action        = "lambda:InvokeFunction"
  function_name = local.function
  qualifier     = local.alias
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.http.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.http.id}"
}

resource "aws_apigatewayv2_integration" "reports" {
  api_id                 = aws_apigatewayv2_api.http.id
  integration_type       = "AWS_PROXY"
  integration_uri        = var.function_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "reports" {
  api_id    = aws_apigatewayv2_api.http.id
  route_key = "GET /reports"
  target    = "integrations/${aws_apigatewayv2_integration.reports.id}"
  # The default is NONE: a route without these two lines is open to everyone.
  authorization_type = "CUSTOM"
  authorizer_id      = aws_apigatewayv2_authorizer.http.id
}

resource "aws_lambda_permission" "http_reports" {
  action        = "lambda:InvokeFunction"
  function_name = var.function_arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.http.execution_arn}/*/*/reports"
}
