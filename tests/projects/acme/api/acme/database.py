"""The few queries that everybody shares."""

from contextlib import contextmanager

import psycopg
from flask import current_app
from psycopg.rows import dict_row


@contextmanager
def connection():
    with psycopg.connect(current_app.config["SETTINGS"].database_url, row_factory=dict_row) as open_connection:
        yield open_connection


def customer_by_email(email):
    with connection() as db:
        return db.execute(
            "SELECT id, email, password_hash FROM customers WHERE email = %s", (email,)
        ).fetchone()


def orders_of(customer_id, limit, offset):
    with connection() as db:
        return db.execute(
            "SELECT id, courier, tracking_code, state FROM orders"
            " WHERE customer_id = %s ORDER BY created_at DESC LIMIT %s OFFSET %s",
            (customer_id, limit, offset),
        ).fetchall()


def order(order_id):
    with connection() as db:
        return db.execute("SELECT * FROM orders WHERE id = %s", (order_id,)).fetchone()
