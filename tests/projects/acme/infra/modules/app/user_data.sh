#!/bin/bash
set -euo pipefail

yum install -y docker
systemctl enable --now docker
docker run --detach --restart=always --publish 8000:8000 "acme/api:${app_version}"
