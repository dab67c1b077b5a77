from flask import Flask, jsonify, session

from customer_database import database

app = Flask(__name__)


# ❌ No authorization checks
def get_customer_data(customer_id):
    # Anyone can access any customer's data
    return database.get_customer(customer_id)


@app.get("/customers/<int:customer_id>")
def show_customer(customer_id):
    if "user" not in session:
        return jsonify(error="please log in"), 401
    return jsonify(get_customer_data(customer_id))
