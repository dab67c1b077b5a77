variable "environment" {
  type    = string
  default = "production"
}

variable "app_version" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "bastion_http_tokens" {
  description = "Whether the bastion's metadata service needs a session token: required or optional."
  type        = string
}
