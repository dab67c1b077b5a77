//! Code patterns with metavariables.
