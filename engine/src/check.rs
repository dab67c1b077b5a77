//! Checking: documents and plugins in, findings out.
