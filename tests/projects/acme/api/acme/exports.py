"""Daily exports of a customer's orders, kept in S3 for a week."""

import csv
import io
import json
from datetime import date

import boto3
from flask import Blueprint, g, jsonify

from . import config, database
from .auth import require_permission

blueprint = Blueprint("exports", __name__)


def export_key(customer_id, day):
    return f"{config.EXPORT_PREFIX}{day.isoformat()}/{customer_id}.csv"


def as_csv(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=["id", "courier", "tracking_code", "state"])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@blueprint.post("/")
@require_permission("read")
def create_export():
    customer_id = g.claims["sub"]
    rows = database.orders_of(customer_id, 1000, 0)
    key = export_key(customer_id, date.today())
    s3 = boto3.client("s3", region_name=config.AWS_REGION)
    s3.put_object(Bucket="acme-customer-exports", Key=key, Body=as_csv(rows).encode("utf-8"))
    return jsonify(key=key, rows=len(rows)), 201


@blueprint.get("/columns")
@require_permission("read")
def columns():
    s3 = boto3.client("s3", region_name=config.AWS_REGION)
    stored = s3.get_object(Bucket="acme-internal-data", Key="exports/columns.json")
    return jsonify(json.loads(stored["Body"].read()))
