//! What a name promises: whether the value bound to it should be a secret. It
//! looks at names alone; `value` looks at what they are bound to.

/// What kind of secret a name speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// People choose it, so that a plain word can be one: `password`, `secret`,
    /// `signing_key`.
    Chosen,
    /// A machine issues it, so that it looks random: `token`, `api_key`.
    Issued,
}

/// Returns what kind of secret the name speaks of, if of any.
///
/// English puts the thing last: `reset_password_token_ttl` is a duration,
/// `password_field` a field, `jwt_secret` a secret.
#[must_use]
pub fn noun(name: &str) -> Option<Noun> {
    let mut words = words(name);
    while words.len() > 1 && words.last().is_some_and(|word| is_qualifier(word)) {
        words.pop();
    }
    let last = words.pop()?;
    let before = words.last().map_or("", String::as_str);
    if words.iter().any(|word| OTHERWISE.contains(&word.as_str())) {
        return None;
    }
    match last.as_str() {
        "password" | "passwd" | "passphrase" | "pass" | "pwd" | "pw" | "secret" | "secretkey"
        | "jwtsecret" | "clientsecret" | "dbpassword" | "signingkey" | "encryptionkey" | "pepper" => {
            let bare_short = matches!(last.as_str(), "pass" | "pwd" | "pw" | "pepper") && words.is_empty();
            (!bare_short || last == "pwd").then_some(Noun::Chosen)
        }
        "key" => match before {
            "secret" | "signing" | "encryption" | "hmac" | "cipher" | "jwt" | "session" | "master" => {
                Some(Noun::Chosen)
            }
            "api" | "access" | "auth" | "private" | "license" | "account" => Some(Noun::Issued),
            _ => None,
        },
        "base" if before == "key" && words.iter().any(|word| word == "secret") => Some(Noun::Chosen),
        "token" | "apikey" | "accesskey" | "authkey" | "authtoken" | "accesstoken" | "credential" => {
            Some(Noun::Issued)
        }
        _ => None,
    }
}

/// Whether a name speaks of something around a secret rather than of one: what is
/// public, derived or a message.
#[must_use]
pub fn is_of_something_else(name: &str) -> bool {
    words(name).iter().any(|word| OTHERWISE.contains(&word.as_str()))
}

/// Splits a name at punctuation and at changes of case, into lower-case words.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let bytes = part.as_bytes();
        let mut start = 0;
        for at in 1..bytes.len() {
            let (left, right) = (bytes[at - 1], bytes[at]);
            let lower_to_upper = !left.is_ascii_uppercase() && right.is_ascii_uppercase();
            // `JWTSecret` is `JWT` and `Secret`.
            let acronym_ends = left.is_ascii_uppercase()
                && right.is_ascii_uppercase()
                && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
            let digits_begin = left.is_ascii_alphabetic() && right.is_ascii_digit();
            if lower_to_upper || acronym_ends || digits_begin {
                words.push(part[start..at].to_ascii_lowercase());
                start = at;
            }
        }
        if start < part.len() {
            words.push(part[start..].to_ascii_lowercase());
        }
    }
    words
}

/// Words after the thing that do not change what it is: `password_prod`.
fn is_qualifier(word: &str) -> bool {
    const QUALIFIERS: &[&str] = &[
        "prod",
        "production",
        "dev",
        "development",
        "staging",
        "stage",
        "test",
        "live",
        "local",
        "default",
        "value",
        "string",
        "str",
        "plain",
        "raw",
        "primary",
        "secondary",
    ];
    QUALIFIERS.contains(&word) || word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Words before it that make it something else: public, derived, an action, a
/// message, a request that names a kind of token.
const OTHERWISE: &[&str] = &[
    "public",
    "hash",
    "hashed",
    "digest",
    "checksum",
    "fingerprint",
    "sha",
    "md",
    "of",
    "encrypted",
    "sealed",
    "masked",
    "redacted",
    "forgot",
    "forgotten",
    "reset",
    "change",
    "changed",
    "confirm",
    "confirmation",
    "verify",
    "repeat",
    "retype",
    "show",
    "hide",
    "toggle",
    "invalid",
    "wrong",
    "missing",
    "bad",
    "incorrect",
    "weak",
    "expired",
    "min",
    "max",
    "minimum",
    "maximum",
    "next",
    "page",
    "continuation",
    "cancel",
    "fetch",
    "authenticity",
    "antiforgery",
    "cancellation",
    "sync",
    "resume",
    "csrf",
    "xsrf",
    "is",
    "has",
    "no",
    "not",
    "use",
    "require",
    "required",
    "needs",
    "enable",
    "disable",
    "label",
    "placeholder",
    "error",
    "type",
    "lex",
    "parse",
    "fake",
    "some",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_says_what_it_is() {
        for name in [
            "password",
            "PASSWORD",
            "DB_PASSWORD",
            "dbPassword",
            "JWT_SECRET",
            "jwtSecret",
            "JWTSecret",
            "SECRET_KEY",
            "secretKey",
            "spring.datasource.password",
            "SECRET_KEY_BASE",
            "password2",
            "DATABASE_PASSWORD_PROD",
            "client-secret",
            "signingKey",
            "DB_PASS",
            "app.jwt.secret",
            "pwd",
            "session_secret",
            "default_password",
        ] {
            assert_eq!(noun(name), Some(Noun::Chosen), "{name}");
        }
        for name in
            ["token", "apiKey", "API_KEY", "github_token", "AUTH_TOKEN", "x-api-key", "access_key", "apikey"]
        {
            assert_eq!(noun(name), Some(Noun::Issued), "{name}");
        }
        for name in [
            "password_field",
            "secret_name",
            "token_url",
            "PASSWORD_RESET_TOKEN_TTL",
            "csrf_token_header",
            "passwordHash",
            "hashed_password",
            "forgotPassword",
            "reset_password",
            "public_key",
            "key",
            "cache_key",
            "keyboard",
            "csrf_token",
            "next_page_token",
            "invalid_password",
            "token_type",
            "primary_key",
            "compass",
            "bypass",
            "is_secret",
            "secret_id",
            "secrets",
            "passwordPlaceholder",
            "pass",
            "max_tokens",
            "tokenizer",
            "monkey",
        ] {
            assert_eq!(noun(name), None, "{name}");
        }
    }
}
