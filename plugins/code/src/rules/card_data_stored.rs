//! Card numbers and security codes among what a program stores.

use crate::declared::card_data_stored::*;
use crate::literal;
use crate::setting;
use wardline_plugin::prelude::*;

/// Words on a field's line that say that only a part, or a stand-in, is kept.
const STAND_INS: &[&str] = &[
    "last4",
    "last_4",
    "last_four",
    "lastfour",
    "token",
    "mask",
    "hash",
    "encrypt",
    "cipher",
    "transient",
    "notmapped",
    "ignore",
    "fingerprint",
    "virtual",
    "property",
];

/// Bytes of a line that no person writes.
const LONG_LINE: usize = 400;

/// Judges a field of such a name.
pub fn check(found: &Match, report: &mut Report) {
    let Some(name) = found.get(NAME) else { return };
    let document = found.document();
    let line = document.line(name.span().start);
    // No field is declared in one of the long lines of data or minified code.
    if line.len() > LONG_LINE {
        return;
    }
    let offset = name.span().start;
    let above = above(document, offset);
    let code = line.trim_start();
    let commented = code.starts_with("//")
        || code.starts_with('#') && document.language() != "rust"
        || code.starts_with("--")
        || code.starts_with('*')
        || code.starts_with("/*");
    let lower = format!("{above}\n{line}").to_lowercase();
    if commented || STAND_INS.iter().any(|word| lower.contains(word)) {
        return;
    }
    let stored = match found.query() {
        QUERY_CARD_COLUMN => true,
        _ => is_stored(document, name, line, above),
    };
    if !stored {
        return;
    }
    let plain = name.text().to_lowercase().replace('_', "");
    let code = ["cvv", "cvc", "cvn", "security", "verification"].iter().any(|word| plain.contains(word));
    let (message, severity) = if code {
        ("a card's security code must not be kept, encrypted or not", Severity::High)
    } else {
        ("whoever stores whole card numbers answers for them under PCI DSS", Severity::Medium)
    };
    report
        .finding(RULE, name.span())
        .message(message)
        .severity(severity)
        .class(setting::class(found))
        .subject(name.text());
}

/// The line above a place.
fn above(document: &Document, offset: u32) -> &str {
    let before = document.text().get(..offset as usize).unwrap_or_default();
    before.rsplit('\n').nth(1).unwrap_or_default()
}

/// Whether a field belongs to a table, an entity, a schema or a migration.
fn is_stored(document: &Document, name: Node, line: &str, above: &str) -> bool {
    let text = document.text();
    let code = literal::without_comments(text, document.language());
    let has = |words: &[&str]| words.iter().any(|word| code.contains(word));
    let (before, after) = line.split_once(name.text()).unwrap_or((line, ""));
    let after = after.trim_start();
    match document.language() {
        "python" => {
            let column = ["models.", "Column(", "mapped_column(", "StringField(", "IntField("];
            let starts =
                before.trim().is_empty() && (after.starts_with('=') || after.starts_with(": Mapped"));
            starts && column.iter().any(|word| after.contains(word))
        }
        "java" => {
            let field = after.starts_with(';') || after.starts_with('=');
            let typed = ["String ", "Integer ", "int ", "Long ", "long ", "BigInteger "]
                .iter()
                .any(|kind| before.ends_with(kind));
            field
                && typed
                && !before.contains('(')
                && has(&["@Entity", "@Document", "@Embeddable", "@MappedSuperclass"])
        }
        "kotlin" => {
            let declares = before.contains("val ") || before.contains("var ");
            declares
                && after.starts_with(':')
                && has(&["@Entity", "@Document", "@Embeddable", ": Table(", "IntIdTable"])
        }
        "php" => {
            let quoted = before.ends_with(['\'', '"']);
            let migrates = before.contains("$table->") && quoted;
            let mapped = above.contains("ORM\\Column") && before.trim_start().starts_with(['p']);
            migrates && !before.contains("drop") || mapped
        }
        "go" => {
            let tags = ["gorm:\"", "db:\"", "bson:\"", "bun:\"", "xorm:\""];
            before.trim().is_empty() && tags.iter().any(|tag| after.contains(tag))
        }
        "ruby" => {
            let column = before.trim_start().strip_prefix("t.").is_some()
                || before.contains("add_column")
                || before.trim_start().starts_with("field ");
            column && before.ends_with([':', '"', '\''])
        }
        "csharp" => {
            let property = after.starts_with("{ get") && before.contains("public ");
            // A property that leads to another entity is a table's.
            let entity = has(&["public virtual "]) && !document.path().contains("ViewModel");
            property
                && (entity
                    || has(&[
                        "[Table(",
                        "DbContext",
                        "[Column(",
                        "[Key]",
                        "DataAnnotations.Schema",
                        ": Entity",
                        "IAggregateRoot",
                        "IEntity",
                    ]))
        }
        "rust" => {
            before.trim_start_matches("pub ").trim().is_empty()
                && after.starts_with(':')
                && has(&["Queryable", "Insertable", "FromRow", "DeriveEntityModel"])
        }
        _ => {
            let key = before.trim().is_empty() && after.starts_with(':');
            let schema = has(&["mongoose.Schema(", "new Schema(", "DataTypes."])
                && in_schema(text, name.span().start as usize);
            key && (schema || above.contains("@Column") || above.contains("@Prop("))
        }
    }
}

/// Whether the object around a key is handed to a schema.
fn in_schema(text: &str, offset: usize) -> bool {
    let before = literal::without_comments(text.get(..offset).unwrap_or_default(), "javascript");
    let mut depth = 0_i32;
    for (at, byte) in before.bytes().enumerate().rev() {
        match byte {
            b'}' | b')' => depth += 1,
            b'{' | b'(' => depth -= 1,
            _ => {}
        }
        if depth < 0 && byte == b'(' {
            let callee = before[..at].trim_end();
            return callee.ends_with("Schema") || callee.ends_with(".define") || callee.ends_with(".init");
        }
    }
    false
}
