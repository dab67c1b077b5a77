terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.35"
    }
  }
}

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = {
      Company     = "acme"
      Environment = var.environment
    }
  }
}

module "app" {
  source = "./modules/app"

  app_version = var.app_version
  environment = var.environment
  vpc_id      = var.vpc_id
  subnet_ids  = var.subnet_ids
}
