//! What tree-sitter alone needs for the files of a folder: the least that a
//! check which parses everything could take.

use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use wardline_engine::document::Document;
use wardline_engine::walk::Root;

pub(crate) fn run(folder: &Path) {
    let root = Root::open(folder).expect("the folder can be opened");
    let walked = root.walk(&[String::new()], &|_, _| false);
    let nodes: usize = walked.files.par_iter().map(|path| nodes(&root, path)).sum();
    println!("{nodes} nodes");
}

fn nodes(root: &Root, path: &str) -> usize {
    thread_local! {
        static PARSERS: RefCell<HashMap<&'static str, tree_sitter::Parser>> = RefCell::default();
    }
    let Ok(bytes) = root.read(path, 64 << 20) else { return 0 };
    let Ok(document) = Document::from_bytes(path, bytes) else { return 0 };
    if document.has("minified") || document.text.len() > wardline_engine::syntax::LONGEST {
        return 0;
    }
    let Some(grammar) = document.language.grammar() else { return 0 };
    PARSERS.with_borrow_mut(|parsers| {
        let parser = parsers.entry(document.language.name()).or_insert_with(|| {
            let mut parser = tree_sitter::Parser::new();
            parser.set_language(&grammar).expect("a test sets every grammar");
            parser
        });
        parser.parse(&*document.text, None).map_or(0, |tree| tree.root_node().descendant_count())
    })
}
