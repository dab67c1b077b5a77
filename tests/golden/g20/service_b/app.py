"""ServiceB: internal, owns the profiles."""

from flask import Flask, jsonify, request

from store import find_profile

app = Flask(__name__)


@app.get("/profiles")
def profiles():
    return jsonify(find_profile(request.args["name"]))
