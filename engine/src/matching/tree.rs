//! The whole syntax tree as the contract's flat words, for plugins that ask.

use crate::plugin::wire::Evidence;
use std::collections::HashMap;
use tree_sitter::Tree;

const NONE: u32 = u32::MAX;
const NO_FIELD: u32 = 0xfff;
const CAPTURE_WORDS: usize = 5;

/// Adds a tree to the evidence, and to each capture the node that it is.
pub(super) fn add(evidence: &mut Evidence, tree: &Tree) {
    let mut kinds: HashMap<u16, u32> = HashMap::new();
    let mut fields: HashMap<u16, u32> = HashMap::new();
    // The outermost of the nodes with one range and kind comes first.
    let mut known: HashMap<(u32, u32, u32), u32> = HashMap::new();
    let mut by_name: HashMap<String, u32> =
        (0..).zip(&evidence.kinds).map(|(index, name)| (name.clone(), index)).collect();
    let mut open: Vec<u32> = Vec::new();
    let mut cursor = tree.walk();
    let mut count = 0;
    loop {
        let node = cursor.node();
        let kind = *kinds.entry(node.kind_id()).or_insert_with(|| {
            *by_name.entry(node.kind().to_owned()).or_insert_with(|| {
                evidence.kinds.push(node.kind().to_owned());
                evidence.kinds.len() as u32 - 1
            })
        });
        let field = match (cursor.field_id(), cursor.field_name()) {
            (Some(id), Some(name)) => *fields.entry(id.get()).or_insert_with(|| {
                evidence.fields.push(name.to_owned());
                evidence.fields.len() as u32 - 1
            }),
            _ => NO_FIELD,
        };
        let flag = |bit: u32, is: bool| u32::from(is) << bit;
        let flags = flag(28, node.is_named())
            | flag(29, node.is_error())
            | flag(30, node.is_missing())
            | flag(31, node.has_error());
        let (start, end) = (node.start_byte() as u32, node.end_byte() as u32);
        let parent = open.last().copied().unwrap_or(NONE);
        evidence.tree.extend([kind | field << 16 | flags, start, end, parent, NONE]);
        known.entry((start, end, kind)).or_insert(count);
        open.push(count);
        count += 1;
        if cursor.goto_first_child() {
            continue;
        }
        loop {
            let done = open.pop().expect("the node at the cursor is open");
            evidence.tree[done as usize * 5 + 4] = count;
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                bind(&mut evidence.captures, &known);
                return;
            }
        }
    }
}

fn bind(captures: &mut [u32], known: &HashMap<(u32, u32, u32), u32>) {
    for words in captures.chunks_exact_mut(CAPTURE_WORDS) {
        words[4] = known.get(&(words[1], words[2], words[0] >> 16)).copied().unwrap_or(NONE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{self, language::Language};

    #[test]
    fn words_say_what_the_tree_says() {
        let text = "f(x, [1, 2])\n";
        let parsed = syntax::parse(Language::Python, text, None).expect("Python has a grammar");
        let mut evidence = Evidence {
            kinds: vec!["call".into()],
            fields: vec![],
            symbols: vec![],
            matches: vec![],
            captures: vec![0, 0, 12, NONE, NONE],
            tree: vec![],
        };
        add(&mut evidence, &parsed.tree);
        let nodes: Vec<&[u32]> = evidence.tree.chunks_exact(5).collect();
        assert_eq!(nodes[0][..4], [nodes[0][0], 0, 13, NONE]);
        assert_eq!(nodes[0][4] as usize, nodes.len(), "the root ends with the tree");
        let call = evidence.captures[4] as usize;
        assert_eq!(nodes[call][0] & 0xffff, 0, "the capture's kind is not listed twice");
        for (index, node) in nodes.iter().enumerate() {
            assert!(node[4] as usize > index && node[1] <= node[2]);
            if node[3] != NONE {
                let parent = nodes[node[3] as usize];
                assert!(parent[1] <= node[1] && node[2] <= parent[2] && node[4] <= parent[4]);
            }
        }
        let field =
            |node: &[u32]| evidence.fields.get((node[0] >> 16 & NO_FIELD) as usize).map(String::as_str);
        let of_call: Vec<_> =
            nodes.iter().filter(|node| node[3] as usize == call).map(|node| field(node)).collect();
        assert_eq!(of_call, [Some("function"), Some("arguments")]);
    }
}
