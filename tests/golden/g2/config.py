# config.py - The right way
import os
from dotenv import load_dotenv
load_dotenv()
# ✅ Load from environment variables
DATABASE_URL = os.getenv("DATABASE_URL")
AWS_ACCESS_KEY_ID = os.getenv("AWS_ACCESS_KEY_ID")
AWS_SECRET_ACCESS_KEY = os.getenv("AWS_SECRET_ACCESS_KEY")
STRIPE_SECRET_KEY = os.getenv("STRIPE_SECRET_KEY")
JWT_SECRET = os.getenv("JWT_SECRET")
# ✅ Validate required secrets exist
required_secrets = [
    "DATABASE_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "STRIPE_SECRET_KEY",
    "JWT_SECRET"
]
for secret in required_secrets:
    if not os.getenv(secret):
        raise ValueError(f"Missing required environment variable: {secret}")
