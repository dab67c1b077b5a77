//! Whether a literal bound to a secret's name is that secret. It knows what
//! such literals are instead (labels, field names, references, code) and says
//! how sure it is.

use crate::encoding;
use crate::entropy;
use crate::name::{self, Noun};
use crate::placeholder;

/// How sure it is that a literal is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// A well-known default or an ordinary word.
    Hardly,
    /// Looks like what people choose.
    Fairly,
    /// Looks random.
    Very,
}

/// Returns how sure it is that the literal is a secret, if it can be one.
#[must_use]
pub fn secret(name: &str, noun: Noun, value: &str) -> Option<Sure> {
    let value = value.trim();
    if value.len() < 6 || value.len() > 500 || !value.is_ascii() || placeholder::is_placeholder(value) {
        return None;
    }
    if signs_with_the_word_itself(name, value) {
        return Some(Sure::Hardly);
    }
    if is_reference(value) || is_code(value) || is_digest(value) || is_label(name, value) {
        return None;
    }
    if encoding::base64_text(value).is_some_and(|decoded| placeholder::is_placeholder(&decoded.text)) {
        return None;
    }
    if entropy::looks_random(value) {
        // Nobody has a UUID for a password; ids of things called so are UUIDs.
        let of_password = name::words(name).last().is_some_and(|word| word.starts_with("pass"));
        return Some(match is_uuid(value) {
            true if of_password => Sure::Hardly,
            true => Sure::Fairly,
            false => Sure::Very,
        });
    }
    match noun {
        Noun::Issued => None,
        Noun::Chosen => chosen(value),
    }
}

/// Whether a password is a word that manuals write where one goes, or a
/// placeholder.
#[must_use]
pub fn is_stand_in(password: &str) -> bool {
    const WORDS: &[&str] = &["password", "passwd", "pass", "pwd", "secret", "pw", "token", "test"];
    password.len() < 4
        || WORDS.contains(&password.to_ascii_lowercase().as_str())
        || placeholder::is_placeholder(password)
}

/// `JWT_SECRET = "secret"`: a label anywhere else, the usual default here.
fn signs_with_the_word_itself(name: &str, value: &str) -> bool {
    let signs = |word: &String| ["jwt", "session", "cookie", "signing"].contains(&word.as_str());
    ["secret", "jwtsecret", "secretkey"].contains(&value) && name::words(name).iter().any(signs)
}

/// Whether a person would choose this as a password or a signing secret.
fn chosen(value: &str) -> Option<Sure> {
    let lower = value.to_ascii_lowercase();
    if WEAK.contains(&lower.as_str()) {
        return Some(Sure::Hardly);
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    if letters == 0 {
        // Numbers are sizes, times and ids more often than passwords.
        return None;
    }
    let symbols =
        value.bytes().filter(|byte| !byte.is_ascii_alphanumeric() && !b"-_. /:".contains(byte)).count();
    if symbols > 0 && (digits > 0 || symbols * 4 >= value.len()) || digits >= 2 && value.len() - digits >= 4 {
        return Some(Sure::Fairly);
    }
    // Only letters, or words joined: an identifier, unless it speaks of itself
    // as a secret, as `supersecretjwtkey` does.
    let speaks =
        ["supersecret", "super-secret", "super_secret", "super secret", "topsecret", "mysecret", "my-secret"];
    let tells = ["secret", "passw", "hunter", "letmein", "changeit", "changeme", "dontshare", "shhh"];
    let one_word = value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if speaks.iter().any(|word| lower.contains(word))
        || one_word && tells.iter().any(|word| lower.contains(word))
    {
        let camel = one_word && name::words(value).len() > 1 && digits == 0;
        return (!camel).then_some(if lower.len() >= 12 { Sure::Fairly } else { Sure::Hardly });
    }
    (digits == 1 && one_word && value.len() >= 8).then_some(Sure::Hardly)
}

/// Defaults that guests try first.
const WEAK: &[&str] = &[
    "changeit",
    "changeme",
    "postgres",
    "letmein",
    "qwerty",
    "qwertyuiop",
    "iloveyou",
    "welcome",
    "hunter2",
    "passw0rd",
    "p@ssw0rd",
    "123456",
    "12345678",
    "123456789",
    "admin123",
    "toor123",
    "s3cr3t",
    "s3cret",
    "secr3t",
    "pass123",
    "test123",
    "test1234",
];

/// Names a place where the secret is, or is a place itself.
fn is_reference(value: &str) -> bool {
    const SCHEMES: &[&str] = &[
        "arn:",
        "vault:",
        "op://",
        "ssm:",
        "kms:",
        "env:",
        "file:",
        "secretsmanager:",
        "sm://",
        "ref+",
        "ENC[",
        "ENC(",
        "AQICAH",
        "urn:",
        "projects/",
        "secret:",
        "secrets:",
        "secrets/",
        "secret/",
        "kv/",
        "keyring:",
        "process.env",
    ];
    const ENDINGS: &[&str] = &[
        ".json", ".pem", ".key", ".crt", ".txt", ".yml", ".yaml", ".env", ".js", ".ts", ".py", ".html",
        ".php", ".jks", ".p12", ".com", ".svg", ".css",
    ];
    value.contains("://")
        || SCHEMES.iter().any(|scheme| value.starts_with(scheme))
        || ENDINGS.iter().any(|ending| value.ends_with(ending))
        || value.starts_with(['.', '~', '#', ':', '@', '?', '&', '*'])
        || value.starts_with('/') && !entropy::looks_random(value)
        || value.matches('/').count() > 1 && !entropy::looks_random(value)
}

/// Is code, a pattern or markup rather than a value.
fn is_code(value: &str) -> bool {
    let dotted = value.contains('.')
        && value.split('.').all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
                && !entropy::looks_random(part)
        });
    let call = value.ends_with(')') && value.contains('(');
    let index = value.ends_with(']') && value.contains('[');
    let pattern = [".*", ".+", "[a-z", "[A-Z", "[^", "(?", "\\d", "\\w", "=>", "&&", "||", "->", "::"]
        .iter()
        .any(|part| value.contains(part));
    // `required|string|max:100` validates.
    let is_word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || b"_:".contains(&byte) || byte.is_ascii_digit())
    };
    let rules = value.contains('|') && value.split('|').all(is_word);
    let pairs = value.contains('=') && !value.trim_end_matches('=').bytes().all(|byte| byte != b'=');
    dotted || call || rules || index || pattern || pairs || value.contains(['<', '>', '{', '}', '`', '\\'])
}

/// A hash of a secret is made to be stored.
fn is_digest(value: &str) -> bool {
    const STARTS: &[&str] = &[
        "$2a$",
        "$2b$",
        "$2y$",
        "$1$",
        "$5$",
        "$6$",
        "$y$",
        "$argon2",
        "$scrypt$",
        "$pbkdf2",
        "pbkdf2",
        "pbkdf2_sha256$",
        "sha1:",
        "sha256:",
        "sha256-",
        "sha384-",
        "sha512-",
        "md5:",
    ];
    STARTS.iter().any(|start| value.starts_with(start))
}

/// Says what the field is instead of filling it: `"password": "Password"`,
/// `type="current-password"`, `API_KEY = "X-Api-Key"`, `"DB_PASSWORD"`.
fn is_label(name: &str, value: &str) -> bool {
    let of_name = name::words(name);
    let value_words = name::words(value);
    if value_words
        .iter()
        .all(|word| LABELS.contains(&word.as_str()) || of_name.contains(word) && word.len() > 1)
        && !value_words.is_empty()
    {
        return true;
    }
    // A name of something: `DB_PASSWORD`, `prod-db-credentials`, `Required`.
    let words = value.split(['_', '-', '.', ':', '/', ' ']).collect::<Vec<_>>();
    let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
    let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:/ ".contains(&byte));
    let screaming = words.len() > 1 && plain && !value.bytes().any(|byte| byte.is_ascii_lowercase());
    let capitalised = !has_digit
        && value.as_bytes()[0].is_ascii_uppercase()
        && value[1..].bytes().all(|byte| byte.is_ascii_lowercase());
    (screaming && !entropy::looks_random(value)) || capitalised
}

/// Words that forms, protocols and type systems use around secrets.
const LABELS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "pass",
    "pwd",
    "passphrase",
    "secret",
    "secrets",
    "token",
    "tokens",
    "key",
    "keys",
    "api",
    "apikey",
    "access",
    "auth",
    "authorization",
    "authentication",
    "private",
    "user",
    "username",
    "name",
    "email",
    "login",
    "new",
    "current",
    "old",
    "confirm",
    "confirmation",
    "reset",
    "forgot",
    "change",
    "field",
    "input",
    "text",
    "hidden",
    "label",
    "string",
    "str",
    "number",
    "bool",
    "boolean",
    "object",
    "true",
    "false",
    "required",
    "optional",
    "missing",
    "header",
    "cookie",
    "query",
    "param",
    "parameter",
    "bearer",
    "basic",
    "oauth",
    "oauth2",
    "jwt",
    "client",
    "server",
    "refresh",
    "id",
    "session",
    "csrf",
    "xsrf",
    "x",
    "value",
    "type",
    "form",
    "hash",
    "file",
    "env",
    "config",
    "credentials",
    "credential",
    "default",
    "encrypted",
    "signing",
    "encryption",
    "db",
    "database",
    "app",
    "the",
    "a",
    "my",
    "is",
    "not",
    "no",
    "for",
    "hmac",
    "sha",
    "base",
    "one",
    "time",
];

/// Whether it is a UUID.
#[must_use]
pub fn is_uuid(value: &str) -> bool {
    let groups: Vec<&str> = value.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::noun;

    fn sure(name: &str, value: &str) -> Option<Sure> {
        secret(name, noun(name).expect("a secret's name"), value)
    }

    #[test]
    fn what_people_choose_is_a_secret() {
        for (name, value, expected) in [
            ("JWT_SECRET", "supersecretjwtkey", Sure::Fairly),
            ("DATABASE_PASSWORD", "password123", Sure::Fairly),
            ("password", "hunter2", Sure::Hardly),
            ("password", "changeit", Sure::Hardly),
            ("password", "P@$$w0rd!", Sure::Fairly),
            ("db_password", "Summer2024", Sure::Fairly),
            ("SECRET_KEY", "my-super-secret-key", Sure::Fairly),
            ("SECRET_KEY", "django-insecure-4x!k2p$9v@z7", Sure::Very),
            ("secret", "mysecret", Sure::Hardly),
            ("JWT_SECRET", "secret", Sure::Hardly),
            ("password", "correcthorse7battery9staple", Sure::Fairly),
            ("signing_key", "9f86d081884c7d659a2feaa0c55ad015", Sure::Very),
            ("api_key", "kz82hq0v5nx7w1jm4tb6", Sure::Very),
            ("token", "q7Yd3kPzXv9TbLm2Rf8wNs5JhGcEaU4oQ6iVx1", Sure::Very),
            ("client_secret", "C5vX-9pQr_2LmT7zKd8WyB3n", Sure::Very),
        ] {
            assert_eq!(sure(name, value), Some(expected), "{name} = {value}");
        }
    }

    #[test]
    fn what_stands_for_a_secret_is_none() {
        for (name, value) in [
            ("password", "Password"),
            ("password", "password"),
            ("PASSWORD", "user-password"),
            ("password", "current-password"),
            ("password", "new-password"),
            ("password", "Passwort"),
            ("password", "Required"),
            ("password", "string"),
            ("password", "${DB_PASSWORD}"),
            ("password", "{{ db_password }}"),
            ("password", "<password>"),
            ("password", "DB_PASSWORD"),
            ("password", "your-password"),
            ("password", "auth.form.password"),
            ("password", "process.env.PASSWORD"),
            ("password", "config.get('password')"),
            ("password", "/run/secrets/db"),
            ("password", "$2b$12$KIXQ0wq8vVbq1Jz0lYQ7ueJH0y4n0q1k"),
            ("password", ":password"),
            ("password", "#password"),
            ("password", "%(password)s"),
            ("password", "********"),
            ("password", "xxxxxxxx"),
            ("password", "ResetPassword"),
            ("secret", "my-tls-secret-name.json"),
            ("secret", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db"),
            ("secret", "projects/acme/secrets/db/versions/1"),
            ("secret", "vault:secret/data/db#password"),
            ("secret", "prod-db-credentials"),
            ("client_secret", "client_secret_basic"),
            ("api_key", "X-Api-Key"),
            ("token", "Authorization"),
            ("token", "identifier"),
            ("token", "T_OPEN_TAG"),
            ("token", "access_token"),
            ("token", "refreshTokenFromCookieStore"),
            ("password", "^(?=.*[a-z]).{8,}$"),
            ("secret", "oauth2"),
            ("password", "123456789012345"),
            ("secret", "op://vault/item/field"),
            ("password", "user:pwd=abc;x=1"),
            ("password", "Contrase\u{f1}a1"),
            ("secret", "docker-registry"),
            ("api_key", "some-service-name"),
            ("secret_key", "S3_SECRET_KEY"),
        ] {
            assert_eq!(sure(name, value), None, "{name} = {value}");
        }
    }
}
