//! What a vendor's token says of itself: checksums, lengths, documented sample
//! values. A regular expression on the page has already matched its shape.

use crate::encoding;
use crate::entropy;
use crate::placeholder::{self, Placeholder};

/// What a text of a credential's shape is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its checksum is right: issued by the vendor, or made to look so.
    Verified,
    /// Nothing speaks against it.
    Plausible,
    /// The vendor's sample value, or one made up to show the shape.
    Sample,
    /// Can not work: too short, or a wrong checksum.
    Malformed,
    /// So regular that only a person can have typed it.
    Typed,
}

/// What a page's regular expression tells of a text with a credential's shape.
#[derive(Debug, Clone, Copy)]
pub struct Token<'t> {
    /// All of it.
    pub text: &'t str,
    /// The part that the vendor draws at random.
    pub random: &'t str,
    /// The sum that the vendor puts into it, and how it is made.
    pub sum: Option<(Sum, &'t str)>,
    /// Whether it ends too early to work.
    pub cut: bool,
}

impl Token<'_> {
    /// Returns what the token is, or nothing if it is a mask or a template.
    #[must_use]
    pub fn standing(&self) -> Option<Standing> {
        if is_documented_sample(self.text) {
            return Some(Standing::Sample);
        }
        let stands_in = placeholder::kind(self.random).or_else(|| placeholder::kind(self.text));
        if matches!(stands_in, Some(Placeholder::Mask | Placeholder::Template)) {
            return None;
        }
        Some(match (self.sum, stands_in) {
            (Some((sum, value)), _) if sum.is_right(self, value) => Standing::Verified,
            _ if self.cut => Standing::Malformed,
            (_, Some(_)) => Standing::Sample,
            (Some(_), None) => Standing::Malformed,
            (None, None) if entropy::looks_drawn(self.random) => Standing::Plausible,
            (None, None) => Standing::Typed,
        })
    }
}

/// What follows a token's prefix, where its page does not say what is random:
/// `sk_live_` and the like are taken off while enough remains.
#[must_use]
pub fn without_prefix(text: &str) -> &str {
    const LONGEST: usize = 8;
    const ENOUGH: usize = 16;
    let mut rest = text;
    while let Some(at) = rest.bytes().take(LONGEST).position(|byte| matches!(byte, b'-' | b'_' | b'.')) {
        if rest.len() - at - 1 < ENOUGH {
            break;
        }
        rest = &rest[at + 1..];
    }
    rest
}

/// How a vendor lets a token be checked without asking the vendor. Each is the
/// name of a capture in the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sum {
    /// `crc32`: the CRC-32 of the random part as six digits of base 62, which
    /// GitHub described in 2021; npm does the same.
    Crc32,
    /// `crc32_hex`: the CRC-32 of the random part in hexadecimal (Zuplo).
    Crc32Hex,
    /// `crc32_before`: the CRC-32 of all that stands before the last `_`, in
    /// hexadecimal with the lowest byte first (Grafana).
    Crc32Before,
    /// `bech32`: the whole token is Bech32, with its six characters of checksum
    /// (BIP 173; age and Nostr).
    Bech32,
    /// `macaroon`: a macaroon of version 2 in base 64 (PyPI).
    Macaroon,
}

impl Sum {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Crc32, Self::Crc32Hex, Self::Crc32Before, Self::Bech32, Self::Macaroon];

    /// The capture that holds it.
    #[must_use]
    pub fn capture(self) -> &'static str {
        match self {
            Self::Crc32 => "crc32",
            Self::Crc32Hex => "crc32_hex",
            Self::Crc32Before => "crc32_before",
            Self::Bech32 => "bech32",
            Self::Macaroon => "macaroon",
        }
    }

    fn is_right(self, token: &Token, value: &str) -> bool {
        match self {
            Self::Crc32 => base62(crc32(token.random.as_bytes())) == value,
            Self::Crc32Hex => format!("{:08x}", crc32(token.random.as_bytes())) == value,
            Self::Crc32Before => token.text.rsplit_once('_').is_some_and(|(before, _)| {
                format!("{:08x}", crc32(before.as_bytes()).swap_bytes()) == value.to_ascii_lowercase()
            }),
            Self::Bech32 => is_bech32(value),
            Self::Macaroon => is_macaroon(value),
        }
    }
}

/// Returns the account that an access key id of AWS belongs to.
///
/// Ids issued since 2019 hold it in bits 1 to 40 of their base 32. Older ones,
/// which continue with `I` or `J`, do not.
#[must_use]
pub fn aws_account(key_id: &str) -> Option<String> {
    let digits = key_id.strip_prefix("AKIA").or_else(|| key_id.strip_prefix("ASIA"))?;
    if digits.len() != 16 || digits.starts_with(['I', 'J']) {
        return None;
    }
    let mut bits = 0u64;
    for byte in digits.bytes().take(10) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u64::from(value);
    }
    // 50 bits were read; the account is in the first 48 without the sign bit
    // and the last seven.
    let account = (bits >> 2 & 0x7fff_ffff_ff80) >> 7;
    Some(format!("{account:012}"))
}

/// Sample values that vendors print in their own documents.
fn is_documented_sample(token: &str) -> bool {
    // AWS marks its samples with this word. The others are the keys of local
    // emulators, of first-steps pages and of specifications; their start tells them.
    const STARTS: &[&str] = &[
        "Eby8vdM02xNOcqFl",
        "C2y6yDjf5/R+ob0N",
        "4eC39HqLyjWDarjt",
        "BQokikJOvBiI2Hlw",
        "eyJzdWIiOiIxMjM0NTY3ODkw",
        "QWxhZGRpbjpvcGVu",
        "QWxhZGRpbjpPcGVu",
        "dXNlcjpwYXNz",
        "dXNlcm5hbWU6cGFzc3dvcmQ",
        "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5",
        "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3w",
        "ac0974bec39a17e36ba4a6b4d238ff94",
        "test test test test",
        "abandon abandon abandon",
    ];
    token.contains("EXAMPLE") || STARTS.iter().any(|start| token.contains(start))
}

/// Six digits of base 62, padded with zeros.
#[must_use]
pub fn base62(mut number: u32) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = [b'0'; 6];
    for digit in text.iter_mut().rev() {
        *digit = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    text.iter().map(|digit| char::from(*digit)).collect()
}

/// The CRC-32 of zip files. Bit by bit: it runs over thirty bytes now and then.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// Whether a text in Bech32 ends with the right checksum. The constants are
/// those of BIP 173.
fn is_bech32(text: &str) -> bool {
    const DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let lower = text.to_ascii_lowercase();
    let Some((kind, data)) = lower.rsplit_once('1') else { return false };
    let data: Option<Vec<u32>> = data
        .bytes()
        .map(|byte| DIGITS.iter().position(|digit| *digit == byte).map(|value| value as u32))
        .collect();
    let Some(data) = data else { return false };
    let high = kind.bytes().map(|byte| u32::from(byte) >> 5);
    let low = kind.bytes().map(|byte| u32::from(byte) & 31);
    let sum = high.chain([0]).chain(low).chain(data).fold(1u32, |sum, value| {
        let top = sum >> 25;
        let shifted = (sum & 0x01ff_ffff) << 5 ^ value;
        (0..5).filter(|bit| top >> bit & 1 == 1).fold(shifted, |sum, bit| sum ^ GENERATORS[bit])
    });
    sum == 1
}

/// Whether a text is a macaroon of version 2: fields of a type, a length and
/// that many bytes, the last of which is a signature of 32 bytes.
fn is_macaroon(text: &str) -> bool {
    let Some(bytes) = encoding::base64(text) else { return false };
    let Some((2, mut rest)) = bytes.split_first().map(|(version, rest)| (*version, rest)) else {
        return false;
    };
    let mut signed = false;
    while let [kind, after @ ..] = rest {
        rest = after;
        if *kind == 0 {
            continue;
        }
        // Lengths have seven bits a byte, the lowest first.
        let (mut length, mut shift) = (0usize, 0);
        loop {
            let [byte, after @ ..] = rest else { return false };
            rest = after;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
            if shift > 21 {
                return false;
            }
        }
        if length > rest.len() {
            return false;
        }
        signed = *kind == 6 && length == 32 && rest.len() == 32;
        rest = &rest[length..];
    }
    signed
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: &str = "k3Zb8QwXr7LtVn2Hc9MdPy4FsJg6Ae";

    fn plain(prefix: &str, random: &str) -> Option<Standing> {
        let text = format!("{prefix}{random}");
        Token { text: &text, random, sum: None, cut: false }.standing()
    }

    fn summed(text: &str, random: &str, sum: Sum, value: &str) -> Option<Standing> {
        Token { text, random, sum: Some((sum, value)), cut: false }.standing()
    }

    #[test]
    fn a_right_checksum_verifies_a_token() {
        // The checksum of the sample that GitHub printed when it announced the
        // format.
        assert_eq!(base62(crc32(b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ")), "0mLq17");
        let sum = base62(crc32(RANDOM.as_bytes()));
        let text = format!("ghp_{RANDOM}{sum}");
        assert_eq!(summed(&text, RANDOM, Sum::Crc32, &sum), Some(Standing::Verified));
        assert_eq!(summed(&text, RANDOM, Sum::Crc32, "zzzzz1"), Some(Standing::Malformed));
        // From the tests of Grafana.
        let (random, sum) = ("yscW25imSKJIuav8zF37RZmnbiDvB05G", "fcaaf58a");
        let text = format!("glsa_{random}_{sum}");
        assert_eq!(summed(&text, random, Sum::Crc32Before, sum), Some(Standing::Verified));
        assert_eq!(summed(&text, random, Sum::Crc32Before, "fcaaf58b"), Some(Standing::Malformed));
    }

    #[test]
    fn bech32_and_macaroons_are_checked() {
        // The recipient that the documentation of age shows, whose form is the
        // same as that of an identity.
        let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
        assert!(is_bech32(recipient));
        assert!(!is_bech32(&recipient.replace('z', "q")));
        let start = "AgEIcHlwaS5vcmcCBGFiY2QAAAYg";
        assert!(is_macaroon(&format!("{start}{}", "q".repeat(43))));
        assert!(!is_macaroon(&format!("{start}{}", "q".repeat(40))));
        assert!(!is_macaroon("AgEIcHlwaS5vcmc"));
    }

    #[test]
    fn a_prefix_ends_with_a_separator() {
        for (text, rest) in [
            ("sk_live_0123456789abcdef", "0123456789abcdef"),
            ("dapi0123456789abcdef", "dapi0123456789abcdef"),
            ("key_", "key_"),
        ] {
            assert_eq!(without_prefix(text), rest);
        }
    }

    #[test]
    fn each_token_gets_its_standing() {
        let long = "q7Yd3kPzXv9TbLm2Rf8wNs5JhGcEaU4oQ6iVx1";
        for (prefix, random, expected) in [
            ("AKIA", "IOSFODNN7EXAMPLE", Some(Standing::Sample)),
            ("", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Some(Standing::Sample)),
            ("sk_test_", "4eC39HqLyjWDarjtT1zdp7dc", Some(Standing::Sample)),
            ("sk_live_", long, Some(Standing::Plausible)),
            ("ghp_", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", None),
            (
                "dop_v1_",
                "1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef",
                Some(Standing::Sample),
            ),
            ("dop_v1_", "0000000000000000000000000000000000000000000000000000000000000000", None),
            ("hf_", "supersecrethuggingfacetokenforusall", Some(Standing::Typed)),
        ] {
            assert_eq!(plain(prefix, random), expected, "{prefix}{random}");
        }
        let cut =
            Token { text: "sk_live_51234567890abcdef", random: "51234567890abcdef", sum: None, cut: true };
        assert_eq!(cut.standing(), Some(Standing::Malformed));
    }

    #[test]
    fn an_access_key_id_names_its_account() {
        // The pair that the article which described the encoding shows.
        assert_eq!(aws_account(concat!("ASIA", "QNZGKIQY56JQ7WML")).as_deref(), Some("029608264753"));
        assert_eq!(aws_account("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(aws_account("AKIA"), None);
    }
}
