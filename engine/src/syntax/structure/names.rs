//! Names: reading dotted chains, and resolving them through imports and aliases.
//!
//! Everything here works on text. A walk notes which name is bound where and
//! which captures want a symbol; when it is over, every name is looked up, so
//! that the order of uses and imports does not matter.

use std::collections::HashMap;

use crate::syntax::Language;

/// Chains longer than this name nothing that a rule could ask for.
const LONGEST_CHAIN: usize = 512;

/// How many aliases of aliases are followed.
const DEEPEST_ALIAS: usize = 8;

/// Roots that mean the object at hand, literals, and other words that no alias may stand for.
const NO_ALIAS: &[&str] = &[
    "self",
    "this",
    "super",
    "cls",
    "$this",
    "Self",
    "static",
    "parent",
    "base",
    "None",
    "True",
    "False",
    "null",
    "nil",
    "true",
    "false",
    "undefined",
    "NaN",
    "NULL",
    "TRUE",
    "FALSE",
];

/// A plain dotted chain: `a.b.c`, `A::b`, `require('m').x`.
struct Chain<'t> {
    root: Root<'t>,
    /// The rest with its separators in their common form, `.x.y`.
    rest: String,
}

enum Root<'t> {
    Name(&'t str),
    /// A module that is loaded in place.
    Module(&'t str),
}

/// The scopes of a document and what is bound in them.
#[derive(Default)]
pub(super) struct Scopes<'t> {
    scopes: Vec<Scope>,
    bindings: Vec<Binding<'t>>,
}

struct Scope {
    parent: u32,
    /// Names of a class are not seen from its functions.
    class: bool,
}

struct Binding<'t> {
    name: &'t str,
    scope: u32,
    to: To<'t>,
}

/// What a name is bound to.
pub(super) enum To<'t> {
    /// A symbol, by an import.
    Symbol(Box<str>),
    /// The value of a chain, or a member of it.
    Chain(&'t str, Option<&'t str>),
    /// Something that is not known.
    Unknown,
}

/// What is known of a name after the walk.
enum Known {
    Symbol(String),
    Unknown,
    Unbound,
}

impl<'t> Scopes<'t> {
    /// Opens a scope within another; the first one is the module's.
    pub(super) fn open(&mut self, parent: u32, class: bool) -> u32 {
        self.scopes.push(Scope { parent, class });
        u32::try_from(self.scopes.len() - 1).unwrap_or(0)
    }

    /// Notes that a scope binds a name.
    pub(super) fn bind(&mut self, scope: u32, name: &'t str, to: To<'t>) {
        if !name.is_empty() {
            self.bindings.push(Binding { name, scope, to });
        }
    }

    /// The bindings in a form that can be looked up.
    pub(super) fn names<'s>(&'s self, language: Language) -> Names<'s, 't> {
        // Only names that stand for something else somewhere are of interest.
        let mut by_name: HashMap<&str, Vec<&Binding>> = HashMap::new();
        for binding in &self.bindings {
            if !matches!(binding.to, To::Unknown) {
                by_name.entry(binding.name).or_default();
            }
        }
        if by_name.is_empty() {
            return Names { language, scopes: &self.scopes, by_name };
        }
        for binding in &self.bindings {
            if let Some(found) = by_name.get_mut(binding.name) {
                found.push(binding);
            }
        }
        Names { language, scopes: &self.scopes, by_name }
    }
}

/// Resolves names.
pub(super) struct Names<'s, 't> {
    language: Language,
    scopes: &'s [Scope],
    by_name: HashMap<&'t str, Vec<&'s Binding<'t>>>,
}

impl<'s, 't> Names<'s, 't> {
    /// The symbol of a callee: resolved where possible, else its own text, with
    /// `*` for a receiver that is more than a chain of names.
    pub(super) fn symbol(&self, text: &str, scope: u32) -> Box<str> {
        match chain(self.language, text) {
            Some(chain) => match self.resolve(&chain, scope, 0) {
                Known::Symbol(symbol) => symbol.into(),
                Known::Unknown | Known::Unbound => chain.text().into(),
            },
            None => match last_member(text) {
                Some(member) => format!("*.{member}").into(),
                None => "*".into(),
            },
        }
    }

    /// The symbol of a value, if it is more than its text.
    pub(super) fn value(&self, text: &str, scope: u32) -> Option<Box<str>> {
        if text.len() > LONGEST_CHAIN || !starts_name(text) {
            return None;
        }
        let chain = chain(self.language, text)?;
        match self.resolve(&chain, scope, 0) {
            Known::Symbol(symbol) if symbol != text => Some(symbol.into()),
            _ => None,
        }
    }

    fn resolve(&self, chain: &Chain<'_>, scope: u32, depth: usize) -> Known {
        let known = match chain.root {
            Root::Module(module) => Known::Symbol(module.to_owned()),
            Root::Name(name) => self.look_up(name, scope, depth),
        };
        match known {
            Known::Symbol(symbol) => Known::Symbol(symbol + &chain.rest),
            other => other,
        }
    }

    fn look_up(&self, name: &str, scope: u32, depth: usize) -> Known {
        let Some(bindings) = self.by_name.get(name) else {
            return Known::Unbound;
        };
        if depth > DEEPEST_ALIAS {
            return Known::Unknown;
        }
        let mut at = scope;
        // Nested ten thousand deep, a name's scope is anybody's guess.
        for _ in 0..256 {
            let Some(Scope { parent, class }) = self.scopes.get(at as usize) else {
                break;
            };
            if at == scope || !class {
                let mut here = bindings.iter().filter(|binding| binding.scope == at);
                if let Some(first) = here.next() {
                    return self.known(first, here.next(), here.next().is_none(), depth);
                }
            }
            if at == 0 {
                break;
            }
            at = *parent;
        }
        Known::Unbound
    }

    fn known(&self, first: &Binding<'t>, second: Option<&&Binding<'t>>, few: bool, depth: usize) -> Known {
        match (&first.to, second.map(|second| &second.to)) {
            // `try: import a as x` and `except ImportError: import b as x`
            (To::Symbol(symbol), None | Some(To::Symbol(_))) if few => Known::Symbol(symbol.to_string()),
            (To::Chain(text, member), None) => self.alias(text, *member, first.scope, depth),
            _ => Known::Unknown,
        }
    }

    fn alias(&self, text: &str, member: Option<&str>, scope: u32, depth: usize) -> Known {
        let Some(chain) = chain(self.language, text) else {
            return Known::Unknown;
        };
        let symbol = match self.resolve(&chain, scope, depth + 1) {
            Known::Symbol(symbol) => symbol,
            Known::Unknown => return Known::Unknown,
            // A name that nobody binds is global, as `eval` is.
            Known::Unbound => match chain.root {
                Root::Name(name) if !NO_ALIAS.contains(&name) => chain.text(),
                _ => return Known::Unknown,
            },
        };
        match member {
            Some("default") | None => Known::Symbol(symbol),
            Some(member) => Known::Symbol(format!("{symbol}.{member}")),
        }
    }
}

impl Chain<'_> {
    fn text(&self) -> String {
        match self.root {
            Root::Name(root) | Root::Module(root) => format!("{root}{}", self.rest),
        }
    }
}

/// Says whether a value may be an alias: a chain of names, perhaps a module.
pub(super) fn is_chain(language: Language, text: &str) -> bool {
    text.len() <= LONGEST_CHAIN && starts_name(text) && chain(language, text).is_some()
}

/// What a promise-returning wrapper wraps: `promisify(exec)` is `exec` to a rule.
pub(super) fn unwrapped(text: &str) -> &str {
    let text = text.strip_prefix("await").map_or(text, str::trim_start);
    let inner = text.strip_prefix("util.").unwrap_or(text).strip_prefix("promisify(");
    inner.and_then(|inner| inner.strip_suffix(')')).map_or(text, str::trim)
}

fn starts_name(text: &str) -> bool {
    text.bytes().next().is_some_and(|byte| {
        byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'_' | b'$' | b'\\' | b':')
    })
}

/// Reads a chain of names, written in any language's way.
fn chain(language: Language, text: &str) -> Option<Chain<'_>> {
    if text.len() > LONGEST_CHAIN {
        return None;
    }
    match language {
        Language::Clojure => return clojure_chain(text),
        Language::Bash => {
            let name = text.trim_matches(['"', '\'', '\\']);
            let name = name.rsplit('/').next().unwrap_or(name);
            return Some(Chain { root: Root::Name(name), rest: String::new() });
        }
        _ => {}
    }
    let text = text.trim_start_matches("::").trim_start_matches('\\');
    // `(0, module.f)(x)` is how compilers call without a receiver.
    let text = match text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => inner.strip_prefix("0,").unwrap_or(inner).trim(),
        None => text,
    };
    let (root, mut rest) = match module(text) {
        Some((module, rest)) => (Root::Module(module), rest),
        None => {
            let (name, rest) = name(text)?;
            (Root::Name(name), rest)
        }
    };
    let mut written = String::new();
    while !rest.is_empty() {
        if let Some(generic) = rest.strip_prefix("::<").or_else(|| rest.strip_prefix('<')) {
            rest = after_generic(generic)?;
            continue;
        }
        if let Some((key, after)) = quoted_key(rest) {
            written.push('.');
            written.push_str(key);
            rest = after;
            continue;
        }
        if rest == "!" || rest == "?" {
            // `save!` in Ruby; in TypeScript it says nothing.
            if language == Language::Ruby {
                written.push_str(rest);
            }
            break;
        }
        let (separator, after) = separator(rest.trim_start())?;
        written.push_str(separator);
        let after = after.trim_start();
        if after.starts_with('<') {
            rest = after;
            written.truncate(written.len() - separator.len());
            continue;
        }
        let (member, after) = name(after)?;
        written.push_str(member);
        rest = after;
    }
    Some(Chain { root, rest: written })
}

/// A namespace and a name; everything else may be part of either.
fn clojure_chain(text: &str) -> Option<Chain<'_>> {
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || "()[]{}\"".contains(c)) {
        return None;
    }
    let (root, rest) = match text.split_once('/') {
        Some((root, member)) if !root.is_empty() && !member.is_empty() => (root, member),
        // `File.` makes a `File`.
        _ => match text.strip_suffix('.') {
            Some(class) if !class.is_empty() => (class, ""),
            _ => (text, ""),
        },
    };
    let rest = if rest.is_empty() { String::new() } else { format!("/{rest}") };
    Some(Chain { root: Root::Name(root), rest })
}

/// The leading identifier, with the sigils of PHP and Ruby.
fn name(text: &str) -> Option<(&str, &str)> {
    let sigils = text.bytes().take_while(|byte| matches!(byte, b'$' | b'@' | b'#')).count();
    let end = text[sigils..]
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
        .map_or(text.len(), |length| sigils + length);
    let first = text[sigils..].chars().next();
    let good = end > sigils || (sigils == end && text.starts_with('$') && end > 0);
    (good && !first.is_some_and(|c| c.is_ascii_digit())).then(|| text.split_at(end))
}

/// The separator that a text begins with, in its common form.
fn separator(text: &str) -> Option<(&'static str, &str)> {
    [
        ("?.", "."),
        ("!!.", "."),
        ("!.", "."),
        ("&.", "."),
        ("?->", "."),
        ("->", "."),
        (".", "."),
        ("::", "::"),
        ("\\", "\\"),
    ]
    .iter()
    .find_map(|(written, common)| text.strip_prefix(written).map(|rest| (*common, rest)))
}

/// `["exec"]`, which reaches a member just as `.exec` does.
fn quoted_key(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix("?.").unwrap_or(text).strip_prefix('[')?;
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let (key, rest) = text[1..].split_once(quote)?;
    let (_, whole) = name(key)?;
    whole.is_empty().then_some(())?;
    Some((key, rest.strip_prefix(']')?))
}

/// `require('m')` and its like: the module and what follows.
fn module(text: &str) -> Option<(&str, &str)> {
    let call = ["require(", "import(", "__import__(", "importlib.import_module("]
        .iter()
        .find_map(|call| text.strip_prefix(call))?
        .trim_start();
    let quote = call.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let (module, rest) = call[1..].split_once(quote)?;
    let rest = rest.trim_start().strip_prefix(')')?;
    Some((module.strip_prefix("node:").unwrap_or(module), rest))
}

fn after_generic(text: &str) -> Option<&str> {
    let mut open = 1;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'<' => open += 1,
            b'>' => open -= 1,
            b'(' | b')' | b'"' | b'\'' | b';' => return None,
            _ => {}
        }
        if open == 0 {
            return text.get(index + 1..);
        }
    }
    None
}

/// The member that a complex expression ends in: `execute` of `f().execute`.
fn last_member(text: &str) -> Option<&str> {
    // Type arguments after the name are not part of it.
    let text = match text.strip_suffix('>') {
        Some(generic) => &text[..generic.rfind('<')?],
        None => text,
    };
    let start = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphanumeric() || matches!(c, '_' | '$' | '!' | '?'))
        .last()?
        .0;
    let before = text[..start].trim_end();
    // With nothing in front of it, as in `?.b`, the receiver stands elsewhere.
    before.ends_with(['.', '>', ':']).then_some(&text[start..])
}

/// The last segment of what is assigned to: `password` of `self.db["password"]`.
pub(crate) fn last(target: &str) -> &str {
    let target = if target.len() > LONGEST_CHAIN { "" } else { target.trim() };
    let target = match target.strip_suffix(']').and_then(|indexed| indexed.rsplit_once('[')) {
        Some((_, key)) if key.starts_with(['"', '\'', ':', '`']) => return unquoted(key),
        Some(("", key)) => key,
        Some((array, _)) => array,
        None => target,
    };
    // Several names at once have no last one.
    if target.contains([',', '{']) {
        return target;
    }
    let name = unquoted(target);
    let segment = name.rsplit(['.', '\\', ':', '>', '/']).next().unwrap_or(name);
    let segment = segment.trim_start_matches(['$', '@', '*', '&', '#', ' ']);
    // `String password` and `let mut password`: what is declared comes last.
    match name == target {
        true => segment.rsplit([' ', '\t', '\n']).next().unwrap_or(segment),
        false => segment,
    }
}

/// The text without the quotes or the colon that make it a key.
pub(crate) fn unquoted(key: &str) -> &str {
    let key = key.trim();
    for quote in ['"', '\'', '`'] {
        if let Some(inner) = key.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    key.trim_start_matches(':').trim_end_matches(':')
}

/// Where the content of a string literal lies within its text.
pub(super) fn content(language: Language, literal: &str) -> std::ops::Range<usize> {
    let bytes = literal.as_bytes();
    let mut at = match language {
        Language::Python
        | Language::Rust
        | Language::CSharp
        | Language::Bash
        | Language::Clojure
        | Language::Sql
        | Language::Php
        | Language::Kotlin => bytes
            .iter()
            .take(4)
            .take_while(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'$' | b'@'))
            .count(),
        Language::Yaml if literal.starts_with(['|', '>']) => {
            return literal.find('\n').map_or(bytes.len(), |end| end + 1)..bytes.len();
        }
        Language::Ruby if literal.starts_with('%') => {
            let open = literal.find(|c: char| c != '%' && !c.is_ascii_alphabetic());
            let open = open.filter(|open| literal.is_char_boundary(open + 1)).unwrap_or(0) + 1;
            let end = bytes.len().saturating_sub(1).max(open);
            return if literal.is_char_boundary(end) { open..end } else { open..bytes.len() };
        }
        _ => 0,
    };
    let hashes = bytes[at..].iter().take_while(|byte| **byte == b'#').count();
    at += hashes;
    let Some(quote @ (b'"' | b'\'' | b'`')) = bytes.get(at).copied() else {
        return 0..bytes.len();
    };
    let run = bytes[at..].iter().take_while(|byte| **byte == quote).count();
    let width = match (language, run) {
        (Language::CSharp, 3..) => run,
        (Language::Python | Language::Java | Language::Kotlin | Language::Toml, 3..) => 3,
        _ => 1,
    };
    let start = at + width;
    let closed = bytes
        .len()
        .checked_sub(width + hashes)
        .filter(|end| *end >= start && bytes[*end..*end + width].iter().all(|byte| *byte == quote));
    start..closed.unwrap_or(bytes.len())
}
