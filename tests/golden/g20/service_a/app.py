"""ServiceA: faces the world and asks ServiceB. `/?user=rotem` is the way in."""

import requests
from flask import Flask, jsonify, request

app = Flask(__name__)
SERVICE_B = "http://service-b:8000"


@app.get("/")
def profile():
    user = request.args.get("user", "")
    return jsonify(fetch_profile(user))


def fetch_profile(user):
    answer = requests.get(f"{SERVICE_B}/profiles", params={"name": user}, timeout=30)
    answer.raise_for_status()
    return answer.json()
