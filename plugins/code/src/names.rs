//! Decides what a name in code is about: a credential, a random secret, a
//! password, a fingerprint.

/// Words that name something an attacker wants to know.
const CREDENTIALS: &[&str] = &["password", "passwd", "pwd", "passphrase", "secret", "passcode"];

/// Two words that together name a credential.
const CREDENTIAL_PAIRS: &[[&str; 2]] = &[
    ["api", "key"],
    ["auth", "token"],
    ["access", "token"],
    ["secret", "key"],
    ["secret", "token"],
    ["admin", "token"],
    ["auth", "key"],
    ["access", "key"],
    ["api", "token"],
    ["pass", "word"],
];

/// Words that may follow a credential without changing what it is.
const VALUE_WORDS: &[&str] = &[
    "input", "value", "text", "str", "string", "attempt", "given", "provided", "entered", "guess", "header",
    "param",
];

/// Words before a credential that make a switch of it: `showPassword`.
const SWITCH_WORDS: &[&str] = &[
    "show", "hide", "is", "has", "use", "enable", "enabled", "require", "required", "requires", "reset",
    "forgot", "change", "update", "need", "needs", "toggle", "view", "no", "with", "without", "can",
    "should", "allow", "old",
];

/// Words that name a value nobody must guess, wherever they stand.
const UNGUESSABLE: &[&str] = &[
    "token",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "nonce",
    "otp",
    "totp",
    "salt",
    "csrf",
    "xsrf",
    "apikey",
    "sessionid",
    "jti",
];

/// Two words that together name a value nobody must guess.
const UNGUESSABLE_PAIRS: &[[&str; 2]] = &[
    ["session", "id"],
    ["session", "key"],
    ["api", "key"],
    ["secret", "key"],
    ["private", "key"],
    ["encryption", "key"],
    ["signing", "key"],
    ["aes", "key"],
    ["invite", "code"],
    ["invitation", "code"],
    ["reset", "code"],
    ["verification", "code"],
    ["verify", "code"],
    ["confirmation", "code"],
    ["login", "code"],
    ["auth", "code"],
    ["activation", "code"],
    ["activation", "key"],
    ["sms", "code"],
    ["pin", "code"],
    ["recovery", "code"],
    ["backup", "code"],
    ["one", "time"],
    ["captcha", "code"],
    ["auth", "key"],
    ["me", "key"],
    ["me", "cookie"],
];

/// Words after such a value that name something about it: `tokenCount`.
const ABOUT_WORDS: &[&str] = &[
    "count",
    "counts",
    "type",
    "types",
    "index",
    "idx",
    "length",
    "len",
    "size",
    "name",
    "names",
    "limit",
    "limits",
    "ttl",
    "expiry",
    "expires",
    "expiration",
    "timeout",
    "delay",
    "age",
    "position",
    "pos",
    "weight",
    "weights",
    "probability",
    "rate",
    "field",
    "url",
    "path",
    "file",
    "list",
    "color",
    "price",
    "amount",
    "balance",
    "usage",
    "bucket",
    "interval",
    "ids",
    "tokens",
    "logits",
    "embedding",
    "prob",
    "strength",
    "score",
    "refresh",
    "retry",
    "email",
    "user",
    "username",
    "attempt",
    "attempts",
];

/// Words of places where a digest only tells things apart.
const FINGERPRINTS: &[&str] = &[
    "cache",
    "cached",
    "caching",
    "etag",
    "checksum",
    "checksums",
    "fingerprint",
    "fingerprints",
    "dedupe",
    "dedup",
    "duplicate",
    "filename",
    "file",
    "files",
    "path",
    "bucket",
    "shard",
    "partition",
    "chunk",
    "blob",
    "asset",
    "assets",
    "version",
    "revision",
    "color",
    "colour",
    "avatar",
    "gravatar",
    "identicon",
    "uuid",
    "guid",
    "short",
    "slug",
    "tmp",
    "temp",
    "lock",
    "build",
    "bundle",
    "git",
    "commit",
    "url",
    "thumbnail",
    "thumb",
    "image",
    "index",
    "md5sum",
    "sha1sum",
    "integrity",
    "template",
    "stylesheet",
    "script",
    "html",
    "css",
    "seed",
    "bloom",
    "domain",
    "host",
    "hostname",
    "rule",
    "schema",
    "document",
    "metric",
    "period",
    "tempdir",
    "avatars",
    "digester",
    "dedupe",
    "memo",
    "snapshot",
];

/// Words of places where a digest guards something.
const GUARDS: &[&str] = &[
    "signature",
    "signatures",
    "sign",
    "signed",
    "signing",
    "hmac",
    "mac",
    "token",
    "tokens",
    "secret",
    "auth",
    "authenticate",
    "authentication",
    "session",
    "csrf",
    "nonce",
    "otp",
    "certificate",
    "credential",
    "credentials",
    "reset",
    "login",
    "apikey",
];

/// Words of places where a digest hides a password.
const PASSWORDS: &[&str] =
    &["password", "passwd", "pwd", "passphrase", "passwort", "pass", "passwords", "passcode"];

/// What a digest is for, as far as names tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It hides a password.
    Password,
    /// It guards something else: a signature, a token.
    Guard,
    /// It tells things apart: a cache key, an ETag, a checksum.
    Fingerprint,
    /// Names do not tell.
    Unknown,
}

/// Returns what a digest is for, from the names around it.
pub fn purpose<'n>(names: impl IntoIterator<Item = &'n str>) -> Purpose {
    let words: Vec<String> = names.into_iter().flat_map(words).collect();
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if any(PASSWORDS) {
        Purpose::Password
    } else if any(FINGERPRINTS) {
        Purpose::Fingerprint
    } else if any(GUARDS) {
        Purpose::Guard
    } else if any(&["key", "keys", "hash", "id", "digest", "content"]) && any(&["key", "id", "content"]) {
        Purpose::Fingerprint
    } else {
        Purpose::Unknown
    }
}

/// Returns whether a value of this name is a password or another secret that a
/// person or a program presents: `password`, `user.passwd`, `apiKey`, but not
/// `passwordType`, `showPassword`, `confirm_password_label`.
pub fn is_credential(name: &str) -> bool {
    let words = words(name);
    let Some(end) = credential_end(&words) else {
        return false;
    };
    let before_ok = !words[..end].iter().any(|word| SWITCH_WORDS.contains(&word.as_str()));
    before_ok && words[end..].iter().all(|word| VALUE_WORDS.contains(&word.as_str()))
}

/// Returns whether a value of this name is a password as a person types it:
/// `password`, `userPassword`, `password_bytes`, but not `password_reset_token`.
pub fn is_password(name: &str) -> bool {
    const AFTER: &[&str] = &[
        "bytes",
        "byte",
        "raw",
        "plain",
        "plaintext",
        "utf",
        "encoded",
        "salt",
        "with",
        "and",
        "new",
        "confirm",
    ];
    is_credential_of(name, PASSWORDS, &[AFTER, VALUE_WORDS])
}

/// Returns whether a value of this name is what is kept of a password:
/// `password`, `passwordHash`, `hashed_password`.
pub fn is_password_hash(name: &str) -> bool {
    const AFTER: &[&str] = &[
        "hash",
        "hashed",
        "digest",
        "encrypted",
        "md5",
        "sha",
        "sha1",
        "sha256",
        "sha512",
        "hex",
        "enc",
        "crypted",
    ];
    is_credential_of(name, PASSWORDS, &[AFTER, VALUE_WORDS])
}

fn is_credential_of(name: &str, singles: &[&str], after: &[&[&str]]) -> bool {
    let words = words(name);
    let Some(at) = words.iter().rposition(|word| singles.contains(&word.as_str())) else { return false };
    words[at + 1..].iter().all(|word| after.iter().any(|list| list.contains(&word.as_str())))
}

/// Returns whether a value of this name must not be guessable: `reset_token`,
/// `sessionId`, but not `tokenCount` or a plain `key`.
pub fn is_unguessable(name: &str) -> bool {
    let words = words(name);
    let single = words.iter().rposition(|word| UNGUESSABLE.contains(&word.as_str())).map(|at| at + 1);
    let Some(end) = single.max(pair_end(&words, UNGUESSABLE_PAIRS)) else {
        return false;
    };
    !words[end..].iter().any(|word| ABOUT_WORDS.contains(&word.as_str()))
        && !words[..end]
            .iter()
            .any(|word| matches!(word.as_str(), "max" | "min" | "num" | "n" | "next" | "mask"))
}

/// Returns whether a function of this name makes an unguessable value:
/// `generate_token`, `randomPassword`.
pub fn makes_unguessable(function: &str) -> bool {
    const MAKERS: &[&str] = &[
        "generate",
        "gen",
        "create",
        "make",
        "random",
        "rand",
        "new",
        "build",
        "issue",
        "mk",
        "generator",
        "get",
    ];
    is_unguessable(function) && words(function).iter().any(|word| MAKERS.contains(&word.as_str()))
}

/// Returns the lower-case words of a name, without numbers at their ends:
/// `resetToken2` is `reset`, `token`.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = ' ';
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        if !character.is_alphanumeric() {
            previous = ' ';
            continue;
        }
        let next_is_lower = characters.peek().is_some_and(|next| next.is_lowercase());
        let starts = !previous.is_alphanumeric()
            || (character.is_uppercase() && (!previous.is_uppercase() || next_is_lower));
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(character.to_lowercase());
        }
        previous = character;
    }
    for word in &mut words {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        if letters > 3 {
            word.truncate(letters);
        }
    }
    words
}

/// Returns the name that tells what an expression holds: `password` of
/// `request.form["password"].strip()`, `$_POST['password']` and
/// `user.getPassword()`.
pub fn of_expression(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let before = text;
        text = text.trim_end_matches(['!', '?', ' ', '\n']);
        for tail in [
            ".strip()",
            ".trim()",
            ".value",
            ".text",
            ".toString()",
            ".encode()",
            ".lower()",
            ".toLowerCase()",
        ] {
            text = text.strip_suffix(tail).unwrap_or(text);
        }
        for wrapper in
            ["[]byte(", "string(", "str(", "String(", "Buffer.from(", "trim(", "strings.TrimSpace(", "("]
        {
            if let Some(inner) = text.strip_prefix(wrapper).and_then(|inner| inner.strip_suffix(')')) {
                text = inner.trim();
            }
        }
        if text == before {
            break;
        }
    }
    if text.ends_with([')', ']'])
        && let Some(literal) = last_literal(text)
    {
        return literal;
    }
    let text = text.strip_suffix("()").unwrap_or(text);
    if text.ends_with(')') {
        return "";
    }
    let start = text
        .rfind(|c: char| !(c.is_alphanumeric() || c == '_'))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    text[start..].trim_start_matches("get")
}

/// The content of the literal that ends an index or an argument list:
/// `password` of `form.get("password", "")`.
fn last_literal(text: &str) -> Option<&str> {
    let open = text.rfind(['(', '['])?;
    let inside = &text[open + 1..];
    // `params[:password]`
    if let Some(symbol) = inside.strip_prefix(':') {
        return symbol.split([',', ']', ')', ' ']).next();
    }
    let quote = inside.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let content = &inside[1..];
    content.find(quote).map(|end| &content[..end])
}

fn credential_end(words: &[String]) -> Option<usize> {
    let single = words.iter().rposition(|word| CREDENTIALS.contains(&word.as_str())).map(|at| at + 1);
    single.max(pair_end(words, CREDENTIAL_PAIRS))
}

fn pair_end(words: &[String], pairs: &[[&str; 2]]) -> Option<usize> {
    (0..words.len().saturating_sub(1))
        .rev()
        .find(|at| pairs.iter().any(|pair| words[*at] == pair[0] && words[at + 1] == pair[1]))
        .map(|at| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_split_into_words() {
        assert_eq!(words("resetToken"), ["reset", "token"]);
        assert_eq!(words("CSRF_TOKEN"), ["csrf", "token"]);
        assert_eq!(words("$_POST['userPWD']"), ["post", "user", "pwd"]);
        assert_eq!(words("HTTPServer"), ["http", "server"]);
        assert_eq!(words("md5sum"), ["md5sum"]);
    }

    #[test]
    fn credentials_are_told_from_what_is_said_of_them() {
        for name in
            ["password", "user_password", "adminPasswd", "passwordInput", "apiKey", "SECRET", "password1"]
        {
            assert!(is_credential(name), "{name}");
        }
        for name in
            ["passwordType", "showPassword", "password_length", "token", "key", "field", "resetPassword"]
        {
            assert!(!is_credential(name), "{name}");
        }
    }

    #[test]
    fn passwords_are_told_from_their_hashes_and_from_tokens() {
        for name in ["password", "userPassword", "$pass", "new_password", "passwordBytes"] {
            assert!(is_password(name), "{name}");
        }
        for name in ["password_reset_token", "password_hash", "passwordField", "compass", "passport"] {
            assert!(!is_password(name), "{name}");
        }
        assert!(is_password_hash("password_hash") && is_password_hash("hashedPassword"));
        assert!(!is_password_hash("passwordResetToken"));
    }

    #[test]
    fn unguessable_values_are_told_from_counts() {
        for name in
            ["token", "reset_token", "sessionId", "csrfToken", "$apiKey", "otp", "inviteCode", "tempPassword"]
        {
            assert!(is_unguessable(name), "{name}");
        }
        for name in
            ["key", "tokenCount", "max_tokens", "token_type", "session", "code", "delay", "next_token"]
        {
            assert!(!is_unguessable(name), "{name}");
        }
        assert!(makes_unguessable("generateResetToken"));
        assert!(!makes_unguessable("refresh_token"));
    }

    #[test]
    fn an_expression_is_named_after_what_it_holds() {
        for (text, name) in [
            ("password", "password"),
            ("user.password", "password"),
            ("request.form[\"password\"]", "password"),
            ("request.form.get('password', '').strip()", "password"),
            ("$_POST['password']", "password"),
            ("params[:password]", "password"),
            ("r.FormValue(\"password\")", "password"),
            ("user.getPassword()", "Password"),
            ("[]byte(password)", "password"),
            ("len(password)", ""),
            ("hash(password)", ""),
        ] {
            assert_eq!(of_expression(text), name, "{text}");
        }
    }

    #[test]
    fn the_purpose_of_a_digest_shows_in_the_names_around_it() {
        assert_eq!(purpose(["password"]), Purpose::Password);
        assert_eq!(purpose(["request_signature"]), Purpose::Guard);
        assert_eq!(purpose(["cache_key"]), Purpose::Fingerprint);
        assert_eq!(purpose(["digest"]), Purpose::Unknown);
    }
}
