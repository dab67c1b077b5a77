"""Settings from the environment, checked once at start-up."""

import os
from dataclasses import dataclass

from dotenv import load_dotenv

load_dotenv()

REQUIRED = (
    "DATABASE_URL",
    "JWT_SECRET",
    "STRIPE_SECRET_KEY",
    "COURIER_API_KEY",
    "WEBHOOK_SECRET",
)


@dataclass(frozen=True)
class Settings:
    database_url: str
    jwt_secret: str
    stripe_secret_key: str
    courier_api_key: str
    webhook_secret: str
    debug: bool = False
    session_cookie_secure: bool = True


def load() -> Settings:
    """Reads the settings, or says which of them are missing."""
    missing = [name for name in REQUIRED if not os.getenv(name)]
    if missing:
        raise ValueError(f"Missing required environment variables: {', '.join(missing)}")
    return Settings(
        database_url=os.environ["DATABASE_URL"],
        jwt_secret=os.environ["JWT_SECRET"],
        stripe_secret_key=os.environ["STRIPE_SECRET_KEY"],
        courier_api_key=os.environ["COURIER_API_KEY"],
        webhook_secret=os.environ["WEBHOOK_SECRET"],
        debug=os.getenv("ACME_DEBUG", "0") == "1",
    )
