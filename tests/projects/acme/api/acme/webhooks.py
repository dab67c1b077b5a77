"""What couriers and Stripe tell us."""

import hashlib
import hmac
import logging

from flask import Blueprint, current_app, jsonify, request

from . import database

blueprint = Blueprint("webhooks", __name__)
log = logging.getLogger(__name__)


def signature_is_valid(payload: bytes, signature: str) -> bool:
    secret = current_app.config["SETTINGS"].webhook_secret
    expected = hmac.new(secret.encode("utf-8"), payload, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature, expected)


@blueprint.post("/courier")
def courier():
    if not signature_is_valid(request.get_data(), request.headers.get("X-Signature", "")):
        log.warning("courier webhook with a wrong signature")
        return jsonify(error="wrong signature"), 400
    event = request.get_json()
    with database.connection() as db:
        db.execute(
            "UPDATE orders SET state = %s WHERE tracking_code = %s",
            (event["state"], event["tracking_code"]),
        )
    return "", 204
