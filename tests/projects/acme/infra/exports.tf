# Customers fetch their exports with the link we mail them.
resource "aws_s3_bucket" "customer_exports" {
  bucket = "acme-customer-exports"
}

resource "aws_s3_bucket_lifecycle_configuration" "customer_exports" {
  bucket = aws_s3_bucket.customer_exports.id

  rule {
    id     = "a-week"
    status = "Enabled"

    filter {
      prefix = "exports/daily/"
    }

    expiration {
      days = 7
    }
  }
}

resource "aws_s3_bucket_policy" "customer_exports" {
  bucket = aws_s3_bucket.customer_exports.id

  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "AllowPublicReadAccess",
          "Effect": "Allow",
          "Principal": "*",
          "Action": "s3:GetObject",
          "Resource": "arn:aws:s3:::acme-customer-exports/*"
        }
      ]
    }
  JSON
}
