"""Tools for the support team."""

import pickle
import subprocess
from base64 import b64decode

from flask import Blueprint, jsonify, request

from . import database
from .auth import require_permission

blueprint = Blueprint("admin", __name__)


@blueprint.get("/customers")
@require_permission("admin")
def customers():
    with database.connection() as db:
        rows = db.execute("SELECT id, email, created_at FROM customers ORDER BY id").fetchall()
    return jsonify(customers=rows)


@blueprint.get("/ping")
@require_permission("admin")
def ping():
    """Can the label printer in the warehouse be reached?"""
    host = request.args.get("host", "printer-1.warehouse.acme.internal")
    command = f"ping -c 1 -W 2 {host}"
    result = subprocess.run(command, shell=True, capture_output=True, text=True)
    return jsonify(reachable=result.returncode == 0, output=result.stdout)


@blueprint.get("/disk")
@require_permission("admin")
def disk():
    result = subprocess.run(["df", "-h", "/srv"], capture_output=True, text=True, check=True)
    return jsonify(output=result.stdout)


@blueprint.post("/views")
@require_permission("admin")
def import_view():
    """Takes over a saved list view that another installation exported."""
    view = pickle.loads(b64decode(request.get_json()["view"]))
    return jsonify(columns=view["columns"], filters=view["filters"])
