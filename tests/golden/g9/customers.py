# ❌ No authorization checks
def get_customer_data(customer_id):
    # Anyone can access any customer's data
    return database.get_customer(customer_id)
