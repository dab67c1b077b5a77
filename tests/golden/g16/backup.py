# ❌ Inadequate backup strategy
def backup_database():
    # Backup to same region/account
    os.system("pg_dump myapp > backup.sql")
    os.system("aws s3 cp backup.sql s3://myapp-backups/")
    # No testing of backups
    # No cross-region replication
    # No access controls on backups
