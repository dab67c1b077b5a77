# secure_integration.py
import requests
import hmac
import hashlib
import time
from cryptography.fernet import Fernet
class SecureVendorIntegration:
    def __init__(self, api_key, webhook_secret, encryption_key=None):
        self.api_key = api_key
        self.webhook_secret = webhook_secret
        self.encryption_key = encryption_key
        if encryption_key:
            self.cipher = Fernet(encryption_key)
    def encrypt_sensitive_data(self, data):
        """Encrypt sensitive data before sending"""
        if self.encryption_key:
            return self.cipher.encrypt(data.encode()).decode()
        return data
    def verify_webhook(self, payload, signature):
        """Verify webhook authenticity"""
        expected_signature = hmac.new(
            self.webhook_secret.encode(),
            payload.encode(),
            hashlib.sha256
        ).hexdigest()
        return hmac.compare_digest(signature, expected_signature)
    def secure_api_call(self, endpoint, data):
        """Make secure API call with proper error handling"""
        try:
            # Encrypt sensitive fields
            secure_data = {}
            for key, value in data.items():
                if key in ['ssn', 'account_number', 'credit_card']:
                    secure_data[key] = self.encrypt_sensitive_data(value)
                else:
                    secure_data[key] = value
            response = requests.post(
                endpoint,
                json=secure_data,
                headers={
                    'Authorization': f'Bearer {self.api_key}',
                    'Content-Type': 'application/json',
                    'User-Agent': 'MyStartup/1.0'
                },
                timeout=30 # Prevent hanging requests
            )
            response.raise_for_status()
            return response.json()
        except requests.exceptions.RequestException as e:
            # Log error but don't expose sensitive data
            print(f"Vendor API error: {type(e).__name__}")
            raise
