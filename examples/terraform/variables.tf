variable "gatehouse_stack" {
  description = "The name of the Gatehouse stack, in the same account and region."
  type        = string
  default     = "gatehouse"
}

variable "function_arn" {
  description = "The ARN of your function behind the route GET /reports, without a version or alias."
  type        = string
}

variable "allowed_origin" {
  description = "The web origin whose pages may call the REST API."
  type        = string
  default     = "https://app.example.com"
}
