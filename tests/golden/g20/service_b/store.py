import sqlite3

database = sqlite3.connect("profiles.db", check_same_thread=False)


def find_profile(name):
    row = database.execute(f"SELECT id, name, city FROM profiles WHERE name = '{name}'").fetchone()
    return None if row is None else {"id": row[0], "name": row[1], "city": row[2]}


def find_city(profile_id):
    return database.execute("SELECT city FROM profiles WHERE id = ?", (profile_id,)).fetchone()
