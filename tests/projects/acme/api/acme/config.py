# Values for the first deployment. Everything new goes to settings.py.
import os

# ❌ Hardcoded credentials
DATABASE_URL = "postgresql://user:password123@prod-db.amazonaws.com/app"
AWS_ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
AWS_SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
STRIPE_SECRET_KEY = "sk_live_51234567890abcdef"
JWT_SECRET = "supersecretjwtkey"

# The old psycopg2 pool reads it from the environment.
os.environ["DATABASE_PASSWORD"] = "password123"

AWS_REGION = "eu-west-1"
EXPORT_PREFIX = "exports/daily/"
PAGE_SIZE = 50
TOKEN_HEADER = "X-Acme-Token"
PASSWORD_MIN_LENGTH = 12
COURIERS = {
    "dhl": "https://api-eu.dhl.com/track/shipments",
    "postnl": "https://api.postnl.nl/shipment/v2/status",
}
