# A REST API, protected by the same authorizer. Leave this file out if you have none.

resource "aws_api_gateway_rest_api" "rest" {
  name = "reports"
  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_authorizer" "rest" {
  rest_api_id     = aws_api_gateway_rest_api.rest.id
  name            = "gatehouse"
  type            = "TOKEN"
  authorizer_uri  = "${local.invocation}/${local.authorizer}/invocations"
  identity_source = "method.request.header.Authorization"
  # A request without a bearer token gets 401 without an invocation.
  identity_validation_expression = "^[Bb][Ee][Aa][Rr][Ee][Rr] +[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$"
  # The default is 300 seconds, for which a revoked token stays valid.
  authorizer_result_ttl_in_seconds = 0
}

# Without this permission, the gateway answers 500.
resource "aws_lambda_permission" "rest_authorizer" {
  action        = "lambda:InvokeFunction"
  function_name = local.function
  qualifier     = local.alias
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.rest.execution_arn}/authorizers/${aws_api_gateway_authorizer.rest.id}"
}

resource "aws_api_gateway_resource" "reports" {
  rest_api_id = aws_api_gateway_rest_api.rest.id
  parent_id   = aws_api_gateway_rest_api.rest.root_resource_id
  path_part   = "reports"
}

resource "aws_api_gateway_method" "reports" {
  rest_api_id = aws_api_gateway_rest_api.rest.id
  resource_id = aws_api_gateway_resource.reports.id
  http_method = "GET"
  # With NONE, the method is open to everyone.
  authorization = "CUSTOM"
  authorizer_id = aws_api_gateway_authorizer.rest.id
}

resource "aws_api_gateway_integration" "reports" {
  rest_api_id             = aws_api_gateway_rest_api.rest.id
  resource_id             = aws_api_gateway_resource.reports.id
  http_method             = aws_api_gateway_method.reports.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = "${local.invocation}/${var.function_arn}/invocations"
}

resource "aws_lambda_permission" "rest_reports" {
  action        = "lambda:InvokeFunction"
  function_name = var.function_arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.rest.execution_arn}/*/GET/reports"
}

# By default, an answer of the gateway itself has no such header. A page then sees a network error instead of a 401, and
# does not refresh its token.
resource "aws_api_gateway_gateway_response" "rest" {
  for_each      = toset(["DEFAULT_4XX", "DEFAULT_5XX"])
  rest_api_id   = aws_api_gateway_rest_api.rest.id
  response_type = each.key
  response_parameters = {
    "gatewayresponse.header.Access-Control-Allow-Origin" = "'${var.allowed_origin}'"
  }
}

resource "aws_api_gateway_deployment" "rest" {
  rest_api_id = aws_api_gateway_rest_api.rest.id
  # A change of one of these makes a new deployment. Otherwise it would not reach the stage.
  triggers = {
    content = sha1(jsonencode([
      aws_api_gateway_authorizer.rest,
      aws_api_gateway_method.reports,
      aws_api_gateway_integration.reports,
      aws_api_gateway_gateway_response.rest,
    ]))
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "rest" {
  rest_api_id   = aws_api_gateway_rest_api.rest.id
  deployment_id = aws_api_gateway_deployment.rest.id
  stage_name    = "prod"
}

output "rest_api_url" {
  description = "The URL of the REST API."
  value       = aws_api_gateway_stage.rest.invoke_url
}
