//! Suppressions: comments and configuration that allow a finding.
