//! Resources: cloud configuration in one common form.
