//! Decides what a call that makes a JSON Web Token puts into it, in the
//! libraries that people use.

use crate::literal;
use crate::surroundings;
use wardline_plugin::prelude::*;

/// How a token is made.
pub struct Token<'d> {
    /// The claims, where they are one argument.
    pub claims: Option<Node<'d>>,
    /// Options beside the claims.
    pub options: Option<Node<'d>>,
    /// Code that belongs to the token: the whole fluent chain, or the function
    /// around the call.
    pub near: &'d str,
}

/// What is known of a claim.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is set somewhere near.
    Set,
    /// All claims are seen, and it is not among them.
    Absent,
    /// Claims come from elsewhere.
    Unknown,
}

impl<'d> Token<'d> {
    /// Reads a call that makes a token.
    pub fn of(found: &Match<'d>) -> Self {
        let document = found.document();
        let name = found.get(Capture("callee")).map(|callee| callee.name()).unwrap_or_default();
        let start = found.span().start as usize;
        let near = surroundings::function_text(document.text(), start);
        let near = if near.len() == document.text().len() {
            surroundings::statement(document.text(), start)
        } else {
            near
        };
        let (claims, options) = match document.language() {
            "python" if name.contains("authlib") => (found.argument(1), None),
            "python" => {
                (found.argument(0).or_else(|| found.named("payload")).or_else(|| found.named("claims")), None)
            }
            "go" | "rust" => (found.argument(1), None),
            "java" | "kotlin" | "csharp" => (None, None),
            "php" | "ruby" | "clojure" => (found.argument(0), None),
            _ => (found.argument(0), found.argument(2)),
        };
        Self { claims, options, near }
    }

    /// Whether the token expires.
    pub fn expiry(&self, found: &Match) -> Claim {
        if mentions_expiry(self.near) {
            return Claim::Set;
        }
        let language = found.document().language();
        match language {
            // A chain of calls shows all of it, unless the claims are handed over.
            "java" | "kotlin" => {
                let handed =
                    ["setClaims(", ".claims(", "addClaims(", "withPayload(", ".claim(name", "builder;"];
                let ends = [".compact()", ".sign(", ".build()"].iter().any(|end| self.near.contains(end));
                if ends && !handed.iter().any(|call| self.near.contains(call)) {
                    Claim::Absent
                } else {
                    Claim::Unknown
                }
            }
            "csharp" => Claim::Absent,
            "rust" => Claim::Unknown,
            _ => {
                let seen = |node: &Option<Node>| match node {
                    None => true,
                    Some(node) => is_whole(found.document(), node.text(), found.span().start as usize),
                };
                if self.claims.is_some() && seen(&self.claims) && seen(&self.options) {
                    Claim::Absent
                } else {
                    Claim::Unknown
                }
            }
        }
    }
}

/// Whether a text sets the time at which a token ends, in any library's words.
fn mentions_expiry(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "\"exp\"",
        "'exp'",
        ".exp",
        ":exp",
        "exp:",
        "exp =",
        "exp=",
        "exp =>",
        "[exp]",
        "expiresIn",
        "ExpiresAt",
        "expiresAt",
        "xpiration",
        "Expires",
        "expires",
        "setExpirationTime",
        "EXPIRES",
        "EXP",
        "Claims::Expir",
        "ttl",
        "TTL",
    ];
    WORDS.iter().any(|word| text.contains(word))
}

/// Whether everything in an expression is seen: a literal of keys and values,
/// or a variable that is given one and nothing else.
fn is_whole(document: &Document, text: &str, offset: usize) -> bool {
    let is_literal = |text: &str| {
        let text = text.trim().trim_start_matches('&');
        let opens = text.starts_with(['{', '['])
            || text.starts_with("array(")
            || text.starts_with("jwt.") && text.contains('{')
            || text.starts_with("dict(");
        opens && !["...", "**", "array_merge", "update(", "merge("].iter().any(|spread| text.contains(spread))
    };
    let text = text.trim();
    if is_literal(text) {
        return true;
    }
    let plain = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'));
    let Some(value) = literal::assigned(document.text(), offset, text).filter(|_| plain) else {
        return false;
    };
    let near = surroundings::function_text(document.text(), offset);
    let bare = text.trim_start_matches('$');
    let grows = [".update(", ".merge", "[", ".put(", ".Set(", "->", ".assign"]
        .iter()
        .any(|more| near.contains(&format!("{bare}{more}")));
    is_literal(value) && !grows
}
