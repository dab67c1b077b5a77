//! Ciphers that are broken or have short blocks.

use crate::declared::weak_cipher::*;
use crate::setting;
use wardline_plugin::prelude::*;

/// Judges a call that makes a cipher.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let name = callee.name();
    let last = name.rsplit(['.', ':', '/']).next().unwrap_or(name);
    let broken = |cipher: &str| format!("{cipher} is broken or repeats its blocks too soon");
    let message = match last {
        _ if found.query() == QUERY_CIPHER_SHELL => {
            let named = found
                .arguments()
                .into_iter()
                .find_map(|argument| weak(argument.value.text().trim_start_matches('-')));
            broken(named.unwrap_or("this cipher"))
        }
        "new" if found.query() == QUERY_CIPHER_RUBY => {
            let named = found
                .argument(0)
                .and_then(|algorithm| weak(&algorithm.string()?))
                .or_else(|| weak_by_name(name));
            let Some(cipher) = named else { return };
            broken(cipher)
        }
        _ if found.query() == QUERY_CIPHER_CSHARP => {
            let cipher = match name {
                _ if name.contains("TripleDES") => "Triple DES",
                _ if name.contains("RC2") => "RC2",
                _ => "DES",
            };
            broken(cipher)
        }
        _ if found.query() == QUERY_CIPHER_RUST => broken(weak_by_name(name).unwrap_or("this cipher")),
        "createCipher" | "createDecipher" => {
            "key and initialisation vector are made from a password with MD5, without salt".to_owned()
        }
        "mcrypt_encrypt" => "mcrypt is unmaintained and encrypts without authentication".to_owned(),
        "createCipheriv" | "getInstance" | "openssl_encrypt" => {
            let index = usize::from(last == "openssl_encrypt");
            let Some(cipher) = found.argument(index).and_then(|algorithm| weak(&algorithm.string()?)) else {
                return;
            };
            broken(cipher)
        }
        _ => match weak_by_name(name) {
            Some(cipher) => broken(cipher),
            None => return,
        },
    };
    report.finding(RULE, callee.span()).message(message).class(setting::class(found));
}

/// The weak cipher that a specification such as `DESede/CBC/PKCS5Padding` or
/// `bf-cbc` names.
fn weak(specification: &str) -> Option<&'static str> {
    let lower = specification.to_ascii_lowercase();
    Some(match lower.split(['/', '-']).next()? {
        "des" if lower.starts_with("des-ede") || lower.starts_with("des3") => "Triple DES",
        "des" => "DES",
        "des3" | "desede" | "tripledes" => "Triple DES",
        "rc4" | "arcfour" | "arc4" => "RC4",
        "rc2" => "RC2",
        "bf" | "blowfish" => "Blowfish",
        "pbewithmd5anddes" | "pbewithsha1anddesede" | "pbewithsha1andrc2_40" => "DES",
        "cast" | "cast5" => "CAST",
        "idea" => "IDEA",
        _ => return None,
    })
}

fn weak_by_name(name: &str) -> Option<&'static str> {
    let mut segments = name.rsplit(['.', '/', ':']);
    let (last, before) = (segments.next()?, segments.next().unwrap_or_default());
    let subject = match last {
        "new" | "encrypt" | "NewCipher" | "new_from_slice" | "new_varkey" => before,
        other => other,
    };
    Some(match subject {
        "DES" | "des" | "Des" => "DES",
        "DES3" | "TripleDES" | "NewTripleDESCipher" | "TdesEde2" | "TdesEde3" => "Triple DES",
        "ARC4" | "RC4" | "rc4" | "Rc4" => "RC4",
        "ARC2" => "RC2",
        "Blowfish" | "BF" => "Blowfish",
        "CAST" | "CAST5" | "Cast5" => "CAST",
        "IDEA" | "Idea" => "IDEA",
        "XOR" => "XOR",
        _ => return None,
    })
}
