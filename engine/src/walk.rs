//! The walk: which files of a tree are documents.
