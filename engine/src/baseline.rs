//! The baseline: findings that a team has accepted.
