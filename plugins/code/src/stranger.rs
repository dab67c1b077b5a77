//! Decides whether a stranger may have written what an expression holds, as far
//! as its own words tell.

/// Words for what comes with a request, a page or a command line.
const WORDS: &[&str] = &[
    "request.",
    "req.body",
    "req.query",
    "req.params",
    "$_GET",
    "$_POST",
    "$_REQUEST",
    "$_COOKIE",
    "getParameter",
    "FormValue",
    "input(",
    "params[",
    ":params",
    "Request.",
    "location.",
    "sys.argv",
    "event.data",
];

/// Returns whether an expression names something that a stranger writes.
pub fn wrote(expression: &str) -> bool {
    WORDS.iter().any(|word| expression.contains(word))
}
