//! Ciphers that are broken or have short blocks.

use crate::declared::weak_cipher::*;
use crate::setting;
use wardline_plugin::prelude::*;

/// Judges a call that makes a cipher.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let name = callee.name();
    let last = name.rsplit(['.', ':', '/']).next().unwrap_or(name);
    let message = match last {
        "createCipher" | "createDecipher" => {
            "key and initialisation vector are made from a password with MD5, without salt".to_owned()
        }
        "mcrypt_encrypt" => "mcrypt is unmaintained and encrypts without authentication".to_owned(),
        "createCipheriv" | "getInstance" | "openssl_encrypt" => {
            let index = usize::from(last == "openssl_encrypt");
            let Some(cipher) = found.argument(index).and_then(|algorithm| weak(&algorithm.string()?)) else { return };
            format!("{cipher} is broken or repeats its blocks too soon")
        }
        _ => match weak_by_name(name) {
            Some(cipher) => format!("{cipher} is broken or repeats its blocks too soon"),
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
        "new" | "encrypt" | "NewCipher" => before,
        other => other,
    };
    Some(match subject {
        "DES" | "des" => "DES",
        "DES3" | "TripleDES" | "NewTripleDESCipher" => "Triple DES",
        "ARC4" | "RC4" | "rc4" => "RC4",
        "ARC2" => "RC2",
        "Blowfish" => "Blowfish",
        "CAST" | "CAST5" => "CAST",
        "IDEA" => "IDEA",
        "XOR" => "XOR",
        _ => return None,
    })
}
