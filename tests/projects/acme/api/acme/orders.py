"""Orders of the customer who is logged in 📦, and where their parcel is 🚚."""

import hashlib

import requests
from flask import Blueprint, current_app, g, jsonify, request

from . import config, database
from .auth import require_permission

blueprint = Blueprint("orders", __name__)

STATES = {"booked": "📝", "collected": "📦", "in transit": "🚚", "delivered": "✅", "lost": "😱"}


@blueprint.get("/")
@require_permission("read")
def list_orders():
    page = max(int(request.args.get("page", 1)), 1)
    rows = database.orders_of(g.claims["sub"], config.PAGE_SIZE, (page - 1) * config.PAGE_SIZE)
    response = jsonify(orders=rows, page=page)
    response.set_etag(page_etag(rows))
    return response


@blueprint.get("/<int:order_id>")
@require_permission("read")
def show_order(order_id):
    order = database.order(order_id)
    if order is None or str(order["customer_id"]) != g.claims["sub"]:
        return jsonify(error="no such order"), 404
    return jsonify(order=order, symbol=STATES.get(order["state"], "❓"))


@blueprint.get("/<int:order_id>/tracking")
@require_permission("read")
def tracking(order_id):
    order = database.order(order_id)
    if order is None or str(order["customer_id"]) != g.claims["sub"]:
        return jsonify(error="no such order"), 404
    answer = requests.get(
        config.COURIERS[order["courier"]],
        params={"trackingNumber": order["tracking_code"]},
        headers={"DHL-API-Key": current_app.config["SETTINGS"].courier_api_key},
        timeout=30,
    )
    answer.raise_for_status()
    return jsonify(answer.json())


def page_etag(rows):
    """A cache key, nothing more: two pages with one tag cost a stale list."""
    text = "|".join(f"{row['id']}:{row['state']}" for row in rows)
    # wardline: allow(code/weak-hash) -- an ETag for browser caches, not a protection of anything
    return hashlib.md5(text.encode("utf-8")).hexdigest()
