#!/usr/bin/env python3
"""Nightly dump of the database. Runs from cron on the bastion host."""

import argparse
import logging
import os
import sys
from datetime import datetime

BACKUP_BUCKET = "myapp-backups"

log = logging.getLogger("backup")


def backup_database(database):
    # Backup to same region/account
    file_name = f"{database}-{datetime.now():%Y%m%d%H%M%S}.sql"
    if os.system(f"pg_dump {database} > /var/backups/{file_name}") != 0:
        log.error("pg_dump of %s failed", database)
        return None
    os.system(f"aws s3 cp /var/backups/{file_name} s3://{BACKUP_BUCKET}/")
    os.remove(f"/var/backups/{file_name}")
    return file_name


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("databases", nargs="+")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")

    failed = 0
    for database in arguments.databases:
        file_name = backup_database(database)
        if file_name is None:
            failed += 1
        else:
            log.info("stored %s", file_name)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
