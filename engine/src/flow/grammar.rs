//! How values move through the code of each language: one table for each.
//!
//! A kind of node that stands in no table holds whatever its children hold,
//! which is right for operators, templates, containers and most else.

use crate::syntax::Language;
use std::collections::HashMap;
use std::sync::OnceLock;

/// What a node does with values.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    /// Holds what its children hold.
    Union,
    /// Holds nothing of what is in it: comparisons, types.
    Nothing,
    /// A variable.
    Name,
    /// A member of an object.
    Member { object: &'static str },
    /// An element of a container.
    Index { object: &'static str },
    /// A call.
    Call { callee: &'static str, arguments: &'static str },
    /// Gives a target its value, and has it.
    Assign { target: &'static str, value: &'static str },
    /// Adds a value to a target.
    Augment { target: &'static str, value: &'static str },
    /// Names the value of its first child: `open(x) as f`.
    Alias { target: &'static str },
    /// One of several values; the child of this number decides which.
    Choice { condition: usize },
    /// One of its arms runs, or none unless it has an arm of the kind `last`.
    Branch { last: &'static str },
    /// A part of a branch that runs, or does not, as a whole.
    Arm,
    /// Runs its body any number of times, with a target that takes the elements
    /// of a value where there is one.
    Loop { target: &'static str, value: &'static str, body: &'static str },
    /// A body that may stop anywhere, and arms that go on from there.
    Try { body: &'static str },
    /// A part of a try that runs in any case.
    Finally,
    /// Ends the function.
    Leave,
    /// A function: what is in it starts afresh, but sees what is around it.
    Function { parameters: &'static str, body: &'static str },
    /// Names inside are not seen outside: classes, comprehensions.
    Scope { clauses: &'static str },
}

/// How one language's values move.
#[derive(Debug)]
pub(super) struct Grammar {
    roles: Vec<Role>,
    /// Several targets or values side by side.
    pub(super) lists: &'static [&'static str],
    /// An argument with a name; its fields.
    pub(super) named: (&'static str, &'static str, &'static str),
    /// Kinds that are resolved to full names.
    pub(super) chains: &'static [&'static str],
    /// Calls whose result is harmless whatever goes in.
    pub(super) harmless: &'static [&'static str],
    /// Methods that put their arguments into the receiver.
    pub(super) fills: &'static [&'static str],
}

impl Grammar {
    /// The table of a language, if it has one.
    pub(super) fn of(language: Language) -> Option<&'static Self> {
        static PYTHON: OnceLock<Grammar> = OnceLock::new();
        match language {
            Language::Python => Some(PYTHON.get_or_init(python)),
            _ => None,
        }
    }

    /// What a node of this kind does.
    pub(super) fn role(&self, kind: u16) -> Role {
        self.roles.get(usize::from(kind)).copied().unwrap_or(Role::Union)
    }
}

fn roles(language: Language, table: &[(&'static str, Role)]) -> Vec<Role> {
    let by_kind: HashMap<&str, Role> = table.iter().copied().collect();
    let grammar = language.grammar().expect("a language with a table has a grammar");
    (0..u16::try_from(grammar.node_kind_count()).unwrap_or(u16::MAX))
        .map(|id| {
            let named = grammar.node_kind_is_named(id);
            grammar.node_kind_for_id(id).filter(|_| named).and_then(|kind| by_kind.get(kind)).copied()
        })
        .map(|role| role.unwrap_or(Role::Union))
        .collect()
}

fn python() -> Grammar {
    const TABLE: &[(&str, Role)] = &[
        ("identifier", Role::Name),
        ("attribute", Role::Member { object: "object" }),
        ("subscript", Role::Index { object: "value" }),
        ("call", Role::Call { callee: "function", arguments: "arguments" }),
        ("assignment", Role::Assign { target: "left", value: "right" }),
        ("named_expression", Role::Assign { target: "name", value: "value" }),
        ("augmented_assignment", Role::Augment { target: "left", value: "right" }),
        ("as_pattern", Role::Alias { target: "alias" }),
        ("conditional_expression", Role::Choice { condition: 1 }),
        ("comparison_operator", Role::Nothing),
        ("not_operator", Role::Nothing),
        ("type", Role::Nothing),
        ("import_statement", Role::Nothing),
        ("import_from_statement", Role::Nothing),
        ("global_statement", Role::Nothing),
        ("nonlocal_statement", Role::Nothing),
        ("if_statement", Role::Branch { last: "else_clause" }),
        ("match_statement", Role::Branch { last: "" }),
        ("block", Role::Arm),
        ("elif_clause", Role::Arm),
        ("else_clause", Role::Arm),
        ("case_clause", Role::Arm),
        ("except_clause", Role::Arm),
        ("finally_clause", Role::Finally),
        ("for_statement", Role::Loop { target: "left", value: "right", body: "body" }),
        ("while_statement", Role::Loop { target: "", value: "condition", body: "body" }),
        ("try_statement", Role::Try { body: "body" }),
        ("return_statement", Role::Leave),
        ("raise_statement", Role::Leave),
        ("function_definition", Role::Function { parameters: "parameters", body: "body" }),
        ("lambda", Role::Function { parameters: "parameters", body: "body" }),
        ("class_definition", Role::Scope { clauses: "" }),
        ("list_comprehension", Role::Scope { clauses: "for_in_clause" }),
        ("set_comprehension", Role::Scope { clauses: "for_in_clause" }),
        ("dictionary_comprehension", Role::Scope { clauses: "for_in_clause" }),
        ("generator_expression", Role::Scope { clauses: "for_in_clause" }),
        ("for_in_clause", Role::Assign { target: "left", value: "right" }),
        ("if_clause", Role::Nothing),
    ];
    Grammar {
        roles: roles(Language::Python, TABLE),
        lists: &["pattern_list", "tuple_pattern", "list_pattern", "expression_list", "tuple", "list"],
        named: ("keyword_argument", "name", "value"),
        chains: &["identifier", "attribute"],
        harmless: &["len", "int", "float", "bool", "isinstance", "hash", "id", "ord", "callable", "type"],
        fills: &["append", "add", "extend", "insert", "update", "setdefault", "appendleft", "write", "put"],
    }
}
