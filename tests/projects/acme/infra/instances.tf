# The way in for the two of us who may log in to servers, through Session Manager.
resource "aws_launch_template" "bastion" {
  name_prefix   = "bastion-"
  image_id      = "ami-0c1c30571d2dae5c9"
  instance_type = "t3.nano"

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = var.bastion_http_tokens
  }
}

# Runs the mailer. Patched by hand until it moves to a container.
resource "aws_launch_template" "mailer" {
  name_prefix   = "mailer-"
  image_id      = "ami-0c1c30571d2dae5c9"
  instance_type = "t3.small"

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}
