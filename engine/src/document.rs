//! Documents: text with positions.
