# backup_manager.py
import boto3
import subprocess
import json
from datetime import datetime, timedelta
import logging
class BackupManager:
    def __init__(self, primary_region, backup_region):
        self.primary_region = primary_region
        self.backup_region = backup_region
        self.s3_primary = boto3.client('s3', region_name=primary_region)
        self.s3_backup = boto3.client('s3', region_name=backup_region)
        self.rds_primary = boto3.client('rds', region_name=primary_region)
    def create_database_backup(self, db_identifier):
        """Create RDS snapshot backup"""
        snapshot_id = f"{db_identifier}-{datetime.now().strftime('%Y%m%d%H%M%S')}"
        # Create snapshot
        response = self.rds_primary.create_db_snapshot(
            DBSnapshotIdentifier=snapshot_id,
            DBInstanceIdentifier=db_identifier
        )
        # Wait for snapshot to complete
        waiter = self.rds_primary.get_waiter('db_snapshot_completed')
        waiter.wait(DBSnapshotIdentifier=snapshot_id)
        # Copy to backup region
        self.copy_snapshot_to_backup_region(snapshot_id, db_identifier)
        return snapshot_id
    def copy_snapshot_to_backup_region(self, snapshot_id, db_identifier):
        """Copy snapshot to backup region"""
        backup_snapshot_id = f"{snapshot_id}-backup"
        rds_backup = boto3.client('rds', region_name=self.backup_region)
        source_snapshot_arn = f"arn:aws:rds:{self.primary_region}:123456789012:snapshot:{snapshot_id}"
        rds_backup.copy_db_snapshot(
            SourceDBSnapshotIdentifier=source_snapshot_arn,
            TargetDBSnapshotIdentifier=backup_snapshot_id,
            CopyTags=True
        )
        return backup_snapshot_id
    def backup_s3_data(self, source_bucket, backup_bucket):
        """Backup S3 data to different region"""
        # Enable cross-region replication
        replication_config = {
            'Role': 'arn:aws:iam::123456789012:role/replication-role',
            'Rules': [
                {
                    'ID': 'backup-rule',
                    'Status': 'Enabled',
                    'Priority': 1,
                    'Filter': {'Prefix': ''},
                    'Destination': {
                        'Bucket': f'arn:aws:s3:::{backup_bucket}',
                        'StorageClass': 'STANDARD_IA'
                    }
                }
            ]
        }
        self.s3_primary.put_bucket_replication(
            Bucket=source_bucket,
            ReplicationConfiguration=replication_config
        )
    def create_application_backup(self, app_data_dir):
        """Create application data backup"""
        backup_filename = f"app-backup-{datetime.now().strftime('%Y%m%d%H%M%S')}.tar.gz"
        # Create compressed backup
        subprocess.run([
            'tar', '-czf', backup_filename, app_data_dir
        ], check=True)
        # Upload to both regions
        self.s3_primary.upload_file(backup_filename, 'app-backups-primary', backup_filename)
        self.s3_backup.upload_file(backup_filename, 'app-backups-backup', backup_filename)
        # Clean up local file
        os.remove(backup_filename)
        return backup_filename
    def test_backup_restoration(self, snapshot_id):
        """Test backup restoration process"""
        test_db_identifier = f"test-restore-{datetime.now().strftime('%Y%m%d%H%M%S')}"
        try:
            # Restore from snapshot
            self.rds_primary.restore_db_instance_from_db_snapshot(
                DBInstanceIdentifier=test_db_identifier,
                DBSnapshotIdentifier=snapshot_id,
                DBInstanceClass='db.t3.micro'
            )
            # Wait for restoration
            waiter = self.rds_primary.get_waiter('db_instance_available')
            waiter.wait(DBInstanceIdentifier=test_db_identifier)
            # Test database connectivity
            success = self.test_database_connectivity(test_db_identifier)
            # Clean up test instance
            self.rds_primary.delete_db_instance(
                DBInstanceIdentifier=test_db_identifier,
                SkipFinalSnapshot=True
            )
            return success
        except Exception as e:
            logging.error(f"Backup restoration test failed: {e}")
            return False
    def test_database_connectivity(self, db_identifier):
        """Test database connectivity and data integrity"""
        try:
            # Get database endpoint
            response = self.rds_primary.describe_db_instances(
                DBInstanceIdentifier=db_identifier
            )
            endpoint = response['DBInstances'][0]['Endpoint']['Address']
            # Test connection (implement based on your database type)
            # This is a simplified example
            connection_test = subprocess.run([
                'pg_isready', '-h', endpoint
            ], capture_output=True)
            return connection_test.returncode == 0
        except Exception as e:
            logging.error(f"Database connectivity test failed: {e}")
            return False
    def cleanup_old_backups(self, retention_days=30):
        """Clean up old backups"""
        cutoff_date = datetime.now() - timedelta(days=retention_days)
        # Clean up old snapshots
        snapshots = self.rds_primary.describe_db_snapshots(
            SnapshotType='manual'
        )
        for snapshot in snapshots['DBSnapshots']:
            if snapshot['SnapshotCreateTime'].replace(tzinfo=None) < cutoff_date:
                self.rds_primary.delete_db_snapshot(
                    DBSnapshotIdentifier=snapshot['DBSnapshotIdentifier']
                )
    def generate_backup_report(self):
        """Generate backup status report"""
        report = {
            'timestamp': datetime.now().isoformat(),
            'database_backups': [],
            'application_backups': [],
            'backup_test_results': []
        }
        # Get recent snapshots
        snapshots = self.rds_primary.describe_db_snapshots(
            SnapshotType='manual',
            MaxRecords=10
        )
        for snapshot in snapshots['DBSnapshots']:
            report['database_backups'].append({
                'identifier': snapshot['DBSnapshotIdentifier'],
                'created': snapshot['SnapshotCreateTime'].isoformat(),
                'status': snapshot['Status']
            })
        return report
# Usage
backup_manager = BackupManager('us-east-1', 'us-west-2')
# Create database backup
snapshot_id = backup_manager.create_database_backup('myapp-prod-db')
# Test backup restoration
test_result = backup_manager.test_backup_restoration(snapshot_id)
# Generate backup report
report = backup_manager.generate_backup_report()
