import json
from pathlib import Path

import pytest

from acme import app, auth

DATA = Path(__file__).parent / "data"


@pytest.fixture
def application(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://acme:acme@localhost/acme_test")
    monkeypatch.setenv("JWT_SECRET", "test-secret-for-tests-only")
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_dummy")
    monkeypatch.setenv("COURIER_API_KEY", "dummy")
    monkeypatch.setenv("WEBHOOK_SECRET", "dummy")
    return app.create_app()


def test_a_token_can_be_read_back(application):
    with application.app_context():
        claims = auth.read_token(auth.issue_token(7, ["user"]))
    assert claims["sub"] == "7"


def test_a_forged_token_is_refused(application):
    with application.app_context():
        assert auth.read_token("eyJhbGciOiJub25lIn0.e30.") is None


def test_the_admin_can_log_in():
    password = "admin123"
    assert auth.login("admin", password)


def test_guests_may_do_nothing():
    users = json.loads((DATA / "users.json").read_text())
    guests = [user for user in users if user["role"] == "guest"]
    assert all(not auth.PERMISSIONS[guest["role"]] for guest in guests)
