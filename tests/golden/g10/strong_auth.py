# strong_auth.py
import bcrypt
import jwt
import pyotp
from datetime import datetime, timedelta
class StrongAuthentication:
    def __init__(self, secret_key):
        self.secret_key = secret_key
    def hash_password(self, password):
        """Hash password with bcrypt"""
        salt = bcrypt.gensalt()
        return bcrypt.hashpw(password.encode('utf-8'), salt)
    def verify_password(self, password, hashed):
        """Verify password against hash"""
        return bcrypt.checkpw(password.encode('utf-8'), hashed)
    def generate_totp_secret(self):
        """Generate TOTP secret for 2FA"""
        return pyotp.random_base32()
    def verify_totp(self, token, secret):
        """Verify TOTP token"""
        totp = pyotp.TOTP(secret)
        return totp.verify(token, valid_window=1)
    def create_jwt_token(self, user_id, roles):
        """Create JWT token with expiration"""
        payload = {
            'user_id': user_id,
            'roles': roles,
            'exp': datetime.utcnow() + timedelta(hours=1),
            'iat': datetime.utcnow()
        }
        return jwt.encode(payload, self.secret_key, algorithm='HS256')
    def verify_jwt_token(self, token):
        """Verify JWT token"""
        try:
            payload = jwt.decode(token, self.secret_key, algorithms=['HS256'])
            return payload
        except jwt.ExpiredSignatureError:
            return None
        except jwt.InvalidTokenError:
            return None
# Usage
auth = StrongAuthentication("your-secret-key")
# Hash password on registration
password_hash = auth.hash_password("user_password")
# Verify on login
if auth.verify_password("user_password", password_hash):
    # Generate TOTP secret for 2FA setup
    totp_secret = auth.generate_totp_secret()
    # Verify TOTP on login
    if auth.verify_totp("123456", totp_secret):
        # Create JWT token
        token = auth.create_jwt_token(user_id=123, roles=['user'])
