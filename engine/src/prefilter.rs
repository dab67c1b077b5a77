//! Keywords: which queries may match a text at all.
