"""Puts the application together."""

from flask import Flask, jsonify

from . import __version__, admin, auth, exports, orders, settings, webhooks


def create_app() -> Flask:
    app = Flask(__name__)
    loaded = settings.load()
    app.config["SETTINGS"] = loaded
    app.config.update(
        SESSION_COOKIE_SECURE=loaded.session_cookie_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=8 * 1024 * 1024,
    )

    app.register_blueprint(auth.blueprint)
    app.register_blueprint(orders.blueprint, url_prefix="/orders")
    app.register_blueprint(exports.blueprint, url_prefix="/exports")
    app.register_blueprint(webhooks.blueprint, url_prefix="/webhooks")
    app.register_blueprint(admin.blueprint, url_prefix="/admin")

    @app.get("/healthz")
    def healthz():
        return jsonify(status="ok", version=__version__)

    @app.after_request
    def headers(response):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return app


if __name__ == "__main__":
    create_app().run(host="0.0.0.0", port=5000, debug=True)
