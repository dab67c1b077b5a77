//! Languages: their names, files and grammars.
