# ❌ No security validation
import requests
def verify_customer(customer_data):
    # Sending sensitive data to unvetted third party
    response = requests.post(
        "https://sketchy-kyc-provider.com/verify",
        json={
            "ssn": customer_data["ssn"],
            "full_name": customer_data["full_name"],
            "address": customer_data["address"],
            "bank_account": customer_data["bank_account"]
        }
    )
    return response.json()
