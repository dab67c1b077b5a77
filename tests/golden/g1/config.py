# config.py - NEVER DO THIS
import os
# ❌ Hardcoded credentials
DATABASE_URL = "postgresql://user:password123@prod-db.amazonaws.com/app"
AWS_ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
AWS_SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
STRIPE_SECRET_KEY = "sk_live_51234567890abcdef"
JWT_SECRET = "supersecretjwtkey"
# ❌ Even worse - secrets in environment variables in code
os.environ["DATABASE_PASSWORD"] = "password123"
