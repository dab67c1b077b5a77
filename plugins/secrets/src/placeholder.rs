//! What people write where a secret would go. Told by structure where possible
//! (masks, templates, sequences), by a few telling words where not.

/// Why a value is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// Nothing was ever there: `xxxxxxxx`, `****`, `<your-key>`, `...`.
    Mask,
    /// Something else is put there later: `${KEY}`, `{{ key }}`, `%(key)s`.
    Template,
    /// Made up to show what one looks like: `my-example-key`, `1234567890abcdef`.
    Sample,
}

/// Whether the value stands for a secret without being one.
#[must_use]
pub fn is_placeholder(value: &str) -> bool {
    kind(value).is_some()
}

/// Returns why the value is no secret, if it is none.
#[must_use]
pub fn kind(value: &str) -> Option<Placeholder> {
    let value = value.trim();
    if is_template(value) {
        Some(Placeholder::Template)
    } else if is_mask(value) {
        Some(Placeholder::Mask)
    } else if has_telling_word(value) || is_sequence(value) {
        Some(Placeholder::Sample)
    } else {
        None
    }
}

fn is_template(value: &str) -> bool {
    const OPENINGS: &[&str] = &["${", "$(", "{{", "#{", "<%", "%{", "%(", "@{", "[[", "((", "\\(", "__{"];
    if OPENINGS.iter().any(|opening| value.contains(opening)) {
        return true;
    }
    let upper_or_underscore = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let wrapped = |open: char, close: char| {
        value.len() > 2
            && value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).is_some_and(|inner| {
                inner.bytes().all(|byte| upper_or_underscore(byte) || b"-. :|".contains(&byte))
            })
    };
    // `$NAME`, `%NAME%`, `{name}`, `[name]`, `@NAME@`, `#NAME#`, `__NAME__`.
    let variable = value.strip_prefix('$').is_some_and(|name| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(upper_or_underscore)
    });
    let dunder = value.len() > 5 && value.starts_with("__") && value.ends_with("__");
    let printf = ["%s", "%d", "%v", "%q", "{0}", "{1}", "{}"].contains(&value);
    variable
        || dunder
        || printf
        || [('%', '%'), ('{', '}'), ('[', ']'), ('@', '@'), ('#', '#'), ('(', ')')]
            .iter()
            .any(|(open, close)| wrapped(*open, *close))
}

fn is_mask(value: &str) -> bool {
    if value.is_empty() || (value.starts_with('<') && value.ends_with('>')) {
        return true;
    }
    let lower = value.to_ascii_lowercase();
    if ["...", "\u{2026}", "***", "\u{2022}\u{2022}", "xxxxxx", "####"]
        .iter()
        .any(|mask| lower.contains(mask))
        || lower.len() <= 64 && lower.contains("xxxx")
    {
        return true;
    }
    // A run of one character that is most of the value, or very few characters
    // over a long one.
    let bytes = value.as_bytes();
    let longest_run = bytes.chunk_by(|left, right| left == right).map(<[u8]>::len).max().unwrap_or(0);
    let mut distinct: Vec<u8> = bytes.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    // `000011112222...`
    let in_runs: usize =
        bytes.chunk_by(|left, right| left == right).map(<[u8]>::len).filter(|run| *run >= 3).sum();
    longest_run >= 6 && longest_run * 2 >= bytes.len()
        || bytes.len() >= 12 && distinct.len() <= 3
        || bytes.len() >= 16 && in_runs * 10 >= bytes.len() * 6
}

fn has_telling_word(value: &str) -> bool {
    // Long enough not to occur in random text: four letters would in one of
    // twenty thousand keys, case ignored.
    const ANYWHERE: &[&str] = &[
        "example",
        "sample",
        "placeholder",
        "dummy",
        "redacted",
        "replaceme",
        "replace_me",
        "replace-me",
        "change_me",
        "change-me",
        "notreal",
        "not-real",
        "insert_",
        "insert-",
        "verysecret",
        "very_secret",
        "very-secret",
        "verysecure",
        "very_secure",
        "deadbeef",
    ];
    const WORDS: &[&str] = &[
        "your",
        "my",
        "fake",
        "foo",
        "bar",
        "foobar",
        "baz",
        "todo",
        "fixme",
        "tbd",
        "fill",
        "enter",
        "some",
        "mock",
        "stub",
        "invalid",
        "none",
        "null",
        "undefined",
        "unset",
    ];
    let lower = value.to_ascii_lowercase();
    if ANYWHERE.iter().any(|word| lower.contains(word)) || lower.starts_with("your") {
        return true;
    }
    // Long random text has any short word somewhere.
    if value.len() > 40 {
        return false;
    }
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    // `my-super-secret` is bad taste and yet in use; `your-secret` never is.
    words.iter().any(|word| *word != "my" && WORDS.contains(word)) || words == ["my"]
}

/// Whether most of the value is runs that count up or down: `1234567890abcdef`,
/// `abcdefghij0123456789`.
fn is_sequence(value: &str) -> bool {
    const ORDERS: &[&str] = &[
        "0123456789abcdefghijklmnopqrstuvwxyz",
        "1234567890abcdefghijklmnopqrstuvwxyz",
        "zyxwvutsrqponmlkjihgfedcba9876543210",
        "abcdef0123456789",
        "abcdef1234567890",
        "abcdefghijklmnopqrstuvwxyz1234567890",
    ];
    let lower = value.to_ascii_lowercase();
    let bytes = lower.as_bytes();
    if bytes.len() < 16 {
        return false;
    }
    // Digits and letters in turn, as fingers type a hexadecimal number.
    let of_hex = bytes.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    if of_hex
        && bytes.len() <= 64
        && ["1a2b3c", "a1b2c3", "1234567"].iter().any(|typed| lower.contains(typed))
    {
        return true;
    }
    let follows = |left: u8, right: u8| {
        ORDERS.iter().any(|order| order.as_bytes().windows(2).any(|pair| pair == [left, right]))
    };
    let mut in_runs = 0;
    let mut run = 1;
    for at in 1..=bytes.len() {
        if at < bytes.len() && follows(bytes[at - 1], bytes[at]) {
            run += 1;
        } else {
            if run >= 4 {
                in_runs += run;
            }
            run = 1;
        }
    }
    in_runs * 10 >= bytes.len() * 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_templates_and_samples_are_told_apart() {
        use Placeholder::{Mask, Sample, Template};
        for (value, expected) in [
            ("xxxxxxxxxxxxxxxx", Mask),
            ("XXXXXXXX-XXXX", Mask),
            ("********", Mask),
            ("<your-api-key>", Mask),
            ("<password>", Mask),
            ("sk-...", Mask),
            ("0000000000000000", Mask),
            ("abababababababab", Mask),
            ("${DB_PASSWORD}", Template),
            ("$DB_PASSWORD", Template),
            ("$(cat /run/secrets/x)", Template),
            ("{{ .Values.password }}", Template),
            ("%(password)s", Template),
            ("%PASSWORD%", Template),
            ("#{password}", Template),
            ("<%= password %>", Template),
            ("{password}", Template),
            ("[password]", Template),
            ("__PASSWORD__", Template),
            ("%s", Template),
            ("your-api-key-here", Sample),
            ("yourSecretKey", Sample),
            ("my-example-key", Sample),
            ("EXAMPLEKEY", Sample),
            ("dummy", Sample),
            ("change-me-please", Sample),
            ("1234567890abcdef", Sample),
            ("abcdefghijklmnopqrstuvwxyz123456", Sample),
            ("0123456789abcdef0123456789abcdef", Sample),
            ("foo-bar", Sample),
            ("1a2b3c4d-5678-90ab-cdef-000000a00000", Sample),
            ("0000111122223333444455556666777788889999aaaabbbb", Mask),
        ] {
            assert_eq!(kind(value), Some(expected), "{value}");
        }
    }

    #[test]
    fn secrets_are_not_placeholders_however_weak() {
        for value in [
            "password123",
            "supersecretjwtkey",
            "hunter2",
            "P@$$w0rd!",
            "changeit",
            "correct-horse-battery-staple",
            "my-super-secret-key",
            "9f86d081884c7d659a2feaa0c55ad015",
            "q7Yd+3kPz/Xv9TbLm2Rf8wNs5JhGcEaU4oQ6iVx1",
            "admin1234",
        ] {
            assert_eq!(kind(value), None, "{value}");
        }
    }
}
