//! Whether a variable holds a secret, and whether its value is one.

/// Whether a name promises a secret: `DB_PASSWORD`, `JWT_SECRET`, `NPM_TOKEN`.
///
/// English puts the thing last: `TOKEN_URL` is an address, `SECRET_NAME` a name.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> =
        upper.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let Some(last) = words.last() else { return false };
    let before = words.len().checked_sub(2).map_or("", |at| words[at]);
    let is_public = words
        .iter()
        .any(|word| matches!(*word, "PUBLIC" | "PUBLISHABLE" | "VITE" | "REACT" | "EXPO" | "GATSBY"));
    if is_public {
        return false;
    }
    match *last {
        "PASSWORD" | "PASSWD" | "PASSPHRASE" | "SECRET" | "APIKEY" | "CREDENTIALS" => true,
        "PASS" | "PWD" => words.len() > 1,
        "TOKEN" => before != "CSRF",
        "KEY" => matches!(
            before,
            "API"
                | "SECRET"
                | "ACCESS"
                | "PRIVATE"
                | "SIGNING"
                | "ENCRYPTION"
                | "JWT"
                | "SESSION"
                | "MASTER"
                | "APP"
                | "AUTH"
        ),
        "BASE" => before == "KEY",
        _ => false,
    }
}

/// Whether a value is one, rather than empty, a reference or a placeholder.
#[must_use]
pub fn is_value(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    let lower = value.to_ascii_lowercase();
    let marks = [
        "${",
        "$(",
        "{{",
        "<",
        "xxx",
        "***",
        "...",
        "your",
        "change",
        "replace",
        "example",
        "placeholder",
        "dummy",
        "todo",
        "op://",
        "insert",
        "secret_here",
        "sample",
    ];
    let plain = [
        "",
        "null",
        "none",
        "false",
        "true",
        "0",
        "1",
        "test",
        "secret",
        "password",
        "token",
        "key",
        "-",
        "nopassword",
    ];
    value.len() >= 4
        && !value.starts_with('$')
        && !marks.iter().any(|mark| lower.contains(mark))
        && !plain.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_told_apart() {
        for name in [
            "DB_PASSWORD",
            "JWT_SECRET",
            "STRIPE_SECRET_KEY",
            "APP_KEY",
            "GITHUB_TOKEN",
            "SECRET_KEY_BASE",
            "mail_password",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in
            ["DB_HOST", "TOKEN_URL", "PUBLIC_KEY", "VITE_API_KEY", "PASS", "CACHE_KEY", "NEXT_PUBLIC_API_KEY"]
        {
            assert!(!is_secret(name), "{name}");
        }
        for value in ["s3cr3tvalue", "\"a b c d\"", "base64:AbCdEfGh"] {
            assert!(is_value(value), "{value}");
        }
        for value in ["", "''", "${X}", "<key>", "changeme", "your-key", "null"] {
            assert!(!is_value(value), "{value}");
        }
    }
}
