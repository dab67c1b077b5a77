# terraform/modules/ec2/main.tf
data "aws_ami" "amazon_linux" {
  most_recent = true
  owners = ["amazon"]
  filter {
    name = "name"
    values = ["amzn2-ami-hvm-*-x86_64-gp2"]
  }
  filter {
    name = "state"
    values = ["available"]
  }
}
resource "aws_launch_template" "app" {
  name_prefix = "app-"
  image_id = data.aws_ami.amazon_linux.id
  instance_type = "t3.micro"
  vpc_security_group_ids = [aws_security_group.app.id]
  user_data = base64encode(templatefile("${path.module}/user_data.sh", {
    app_version = var.app_version
  }))
  tag_specifications {
    resource_type = "instance"
    tags = {
      Name = "app-server"
      Environment = var.environment
    }
  }
}
# Auto Scaling Group with automatic updates
resource "aws_autoscaling_group" "app" {
  name = "app-asg"
  vpc_zone_identifier = var.subnet_ids
  target_group_arns = [aws_lb_target_group.app.arn]
  health_check_type = "ELB"
  min_size = 2
  max_size = 10
  desired_capacity = 2
  launch_template {
    id = aws_launch_template.app.id
    version = "$Latest"
  }
  instance_refresh {
    strategy = "Rolling"
    preferences {
      min_healthy_percentage = 50
    }
    triggers = ["tag"]
  }
  tag {
    key = "Name"
    value = "app-server"
    propagate_at_launch = true
  }
}
