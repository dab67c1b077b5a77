from flask import Flask, jsonify, request, session

app = Flask(__name__)


# ❌ Weak authentication
def login(username, password):
    if username == "admin" and password == "admin123":
        return True
    return False


@app.post("/login")
def login_route():
    if not login(request.form["username"], request.form["password"]):
        return jsonify(error="wrong user name or password"), 401
    session.clear()
    session["user"] = request.form["username"]
    return "", 204
