//! Whether a variable holds a secret: what its name promises, and what its
//! value is.

/// What the value of a variable with a secret's name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// A password that everybody tries first.
    Weak,
    /// Something that somebody made up or a machine issued.
    Secret,
}

/// Whether a name promises a secret: `DB_PASSWORD`, `jwtSecret`, `NPM_TOKEN`.
///
/// English puts the thing last: `TOKEN_URL` is an address, `SECRET_NAME` a name.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last().map(String::as_str) else { return false };
    let before = words.len().checked_sub(2).map_or("", |at| words[at].as_str());
    let otherwise = words.iter().any(|word| {
        matches!(
            word.as_str(),
            "public"
                | "file"
                | "path"
                | "url"
                | "name"
                | "hash"
                | "hasher"
                | "allow"
                | "enable"
                | "enabled"
                | "use"
                | "no"
                | "ttl"
                | "expiry"
                | "expires"
                | "lifetime"
                | "length"
                | "min"
                | "max"
                | "type"
                | "header"
                | "policy"
                | "csrf"
                | "count"
                | "prefix"
                | "encrypted"
                | "reset"
                | "disable"
                | "disabled"
                | "random"
                | "requires"
        )
    });
    if otherwise {
        return false;
    }
    match last {
        "password" | "passwd" | "passphrase" | "secret" | "apikey" | "secretkey" | "authtoken"
        | "credential" | "credentials" | "dbpassword" | "rootpassword" => true,
        "pass" | "pwd" | "pw" => words.len() > 1,
        "token" => !matches!(before, "next" | "page" | "sync" | "max" | "id"),
        "key" => matches!(
            before,
            "api"
                | "secret"
                | "access"
                | "private"
                | "signing"
                | "encryption"
                | "jwt"
                | "session"
                | "hmac"
                | "master"
                | "auth"
                | "app"
                | "license"
                | "deploy"
        ),
        "base" => before == "key" && words.iter().any(|word| word == "secret"),
        _ => false,
    }
}

/// What a literal under a secret's name is; nothing where it is a reference, a
/// placeholder or a switch.
#[must_use]
pub fn held(name: &str, value: &str) -> Option<Held> {
    let value = value.trim();
    if value.is_empty() || value.len() > 500 || is_placeholder(value) || is_reference(name, value) {
        return None;
    }
    if is_weak(value) {
        return Some(Held::Weak);
    }
    // A word for what it is, such as `token`, is a label.
    (value.len() >= 6 && !value.contains(char::is_whitespace)).then_some(Held::Secret)
}

/// Whether a password is one of those that everybody tries first.
#[must_use]
pub fn is_weak(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let plain: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let stem = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    // `p@ssw0rd`
    let spelled: String = lower
        .chars()
        .map(|c| match c {
            '@' | '4' => 'a',
            '$' | '5' => 's',
            '0' => 'o',
            '3' => 'e',
            '1' => 'i',
            other => other,
        })
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let words = [
        "password",
        "passwd",
        "pass",
        "passw0rd",
        "pa55word",
        "root",
        "admin",
        "administrator",
        "adminpassword",
        "adminpass",
        "postgres",
        "postgresql",
        "mysql",
        "mariadb",
        "mongo",
        "mongodb",
        "redis",
        "rabbitmq",
        "guest",
        "secret",
        "changeme",
        "changethis",
        "changeit",
        "test",
        "testing",
        "demo",
        "default",
        "user",
        "username",
        "minio",
        "minioadmin",
        "elastic",
        "kibana",
        "grafana",
        "keycloak",
        "qwerty",
        "letmein",
        "welcome",
        "toor",
        "sa",
        "dev",
        "example",
        "examplepassword",
        "app",
        "django",
        "wordpress",
        "supersecret",
        "mysecretpassword",
        "rootpassword",
        "rootpass",
        "rootroot",
        "secretpassword",
        "secretkey",
        "mypassword",
        "dbpassword",
        "foobar",
        "foo",
        "bar",
        "temporal",
        "neo4j",
        "hunter",
        "abc",
        "nextcloud",
        "drupal",
        "magento",
        "laravel",
        "symfony",
        "homestead",
        "zabbix",
        "sonar",
        "airflow",
        "superset",
        "metabase",
        "strapi",
        "directus",
        "ghost",
        "gitea",
        "gogs",
        "drone",
    ];
    [stem, plain.as_str(), spelled.as_str()].iter().any(|known| words.contains(known))
        || (!plain.is_empty() && stem.is_empty() && plain.len() <= 10)
}

/// Whether nothing was ever there: `<token>`, `xxxx`, `your-key-here`.
fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let marks = [
        "{{",
        "<%",
        "__",
        "%%",
        "@@",
        "xxxx",
        "...",
        "****",
        "replace",
        "insert",
        "placeholder",
        "dummy",
        "your_",
        "your-",
        "yourpassword",
        "todo",
        "fixme",
        "notreal",
        "not-set",
        "notset",
        "unused",
        "ignored",
        "fake",
    ];
    marks.iter().any(|mark| lower.contains(mark))
        || value.starts_with('<') && value.ends_with('>')
        || value.starts_with('[') && value.ends_with(']')
        || matches!(
            lower.as_str(),
            "none"
                | "null"
                | "nil"
                | "true"
                | "false"
                | "yes"
                | "no"
                | "on"
                | "off"
                | "-"
                | "undefined"
                | "empty"
                | "x"
                | "0"
                | "1"
        )
}

/// Whether the value only says where the secret is: a variable, a path, an
/// address, the name of a stored secret.
fn is_reference(name: &str, value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let schemes = [
        "arn:",
        "vault:",
        "op://",
        "ssm:",
        "sm://",
        "file:",
        "http://",
        "https://",
        "ref+",
        "secret://",
        "projects/",
        "awssm:",
    ];
    value.contains('$')
        || value.contains('`')
        || schemes.iter().any(|scheme| lower.starts_with(scheme))
        || value.starts_with(['/', '~', '@', '%'])
        || value.starts_with("./")
        || lower == name.to_ascii_lowercase()
}

/// Splits a name at punctuation and at changes of case, into lower-case words.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last_was_lower = false;
    for character in name.chars() {
        if !character.is_ascii_alphanumeric() {
            words.push(String::new());
            last_was_lower = false;
            continue;
        }
        if words.is_empty() || character.is_ascii_uppercase() && last_was_lower {
            words.push(String::new());
        }
        last_was_lower = character.is_ascii_lowercase() || character.is_ascii_digit();
        if let Some(word) = words.last_mut() {
            word.push(character.to_ascii_lowercase());
        }
    }
    let stripped =
        words.into_iter().map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned());
    let mut words: Vec<String> = stripped.filter(|word| !word.is_empty()).collect();
    while words.len() > 1
        && words.last().is_some_and(|word| {
            matches!(
                word.as_str(),
                "prod" | "production" | "dev" | "development" | "staging" | "test" | "default" | "value"
            )
        })
    {
        words.pop();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_promise_secrets() {
        for name in [
            "DB_PASSWORD",
            "POSTGRES_PASSWORD",
            "MYSQL_ROOT_PASSWORD",
            "JWT_SECRET",
            "NPM_TOKEN",
            "API_KEY",
            "apiKey",
            "SECRET_KEY_BASE",
            "RABBITMQ_DEFAULT_PASS",
            "APP_KEY",
            "GF_SECURITY_ADMIN_PASSWORD",
            "DB_PASSWORD_PROD",
            "AWS_SECRET_ACCESS_KEY",
            "password",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "POSTGRES_PASSWORD_FILE",
            "SECRET_NAME",
            "TOKEN_URL",
            "GPG_KEY",
            "PASSWORD_HASHERS",
            "MYSQL_ALLOW_EMPTY_PASSWORD",
            "PUBLIC_KEY",
            "KEY",
            "MAX_TOKENS",
            "CACHE_KEY",
            "PASS",
            "PATH",
            "AWS_ACCESS_KEY_ID",
            "MYSQL_RANDOM_ROOT_PASSWORD",
            "COMPASS",
            "PASSWORD_RESET_TTL",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn values_are_told_apart() {
        for value in [
            "password",
            "postgres",
            "admin123",
            "Password1",
            "p@ssw0rd",
            "root",
            "changeme",
            "123456",
            "example",
            "guest",
        ] {
            assert_eq!(held("X_PASSWORD", value), Some(Held::Weak), "{value}");
        }
        for value in ["tr0ub4dor&3x", "q7Yd3kPzXv9TbLm2", "correct-horse-battery"] {
            assert_eq!(held("X_PASSWORD", value), Some(Held::Secret), "{value}");
        }
        for value in [
            "",
            "${X}",
            "$X",
            "<token>",
            "/run/secrets/x",
            "xxxxxxxx",
            "dummy",
            "true",
            "your-key-here",
            "X_PASSWORD",
            "{{ x }}",
            "arn:aws:x",
        ] {
            assert_eq!(held("X_PASSWORD", value), None, "{value}");
        }
    }
}
