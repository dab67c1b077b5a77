//! The commands beside `check`, a module each. They give back the text to
//! print; the binary prints it and exits.

pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod init;
pub(crate) mod man;
