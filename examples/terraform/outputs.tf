output "http_api_url" {
  description = "The URL of the HTTP API."
  value       = aws_apigatewayv2_api.http.api_endpoint
}
