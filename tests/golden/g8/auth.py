# ❌ Weak authentication
def login(username, password):
    if username == "admin" and password == "admin123":
        return True
    return False
