"""Login, tokens and the decorators that guard the routes."""

from datetime import datetime, timedelta, timezone
from functools import wraps

import bcrypt
import jwt
from flask import Blueprint, current_app, g, jsonify, request

from . import database

blueprint = Blueprint("auth", __name__)

TOKEN_LIFETIME = timedelta(hours=1)
PERMISSIONS = {
    "admin": {"read", "write", "delete", "admin"},
    "manager": {"read", "write"},
    "user": {"read"},
    "guest": set(),
}


def login(username, password):
    """The admin panel's account, until single sign-on is there."""
    if username == "admin" and password == "admin123":
        return True
    return False


def verify_customer_password(email, password):
    customer = database.customer_by_email(email)
    if customer is None:
        return None
    if not bcrypt.checkpw(password.encode("utf-8"), customer["password_hash"]):
        return None
    return customer


def issue_token(subject, roles):
    now = datetime.now(timezone.utc)
    payload = {"sub": str(subject), "roles": roles, "iat": now, "exp": now + TOKEN_LIFETIME}
    return jwt.encode(payload, current_app.config["SETTINGS"].jwt_secret, algorithm="HS256")


def read_token(token):
    """Returns the claims of a valid token, else None."""
    try:
        return jwt.decode(token, current_app.config["SETTINGS"].jwt_secret, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        return None


def peek_tenant(token):
    """Which tenant a token is for, so that the right pool can be chosen."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return claims.get("tenant", "default")


def require_permission(permission):
    def decorator(view):
        @wraps(view)
        def guarded(*args, **kwargs):
            header = request.headers.get("Authorization", "")
            claims = read_token(header.removeprefix("Bearer "))
            if claims is None:
                return jsonify(error="authentication required"), 401
            allowed = set().union(*(PERMISSIONS.get(role, set()) for role in claims["roles"]))
            if permission not in allowed:
                return jsonify(error="insufficient permissions"), 403
            g.claims = claims
            return view(*args, **kwargs)

        return guarded

    return decorator


@blueprint.post("/login")
def login_route():
    body = request.get_json()
    if login(body["username"], body["password"]):
        return jsonify(token=issue_token("admin", ["admin"]))
    customer = verify_customer_password(body["username"], body["password"])
    if customer is None:
        return jsonify(error="wrong user name or password"), 401
    return jsonify(token=issue_token(customer["id"], ["user"]))
