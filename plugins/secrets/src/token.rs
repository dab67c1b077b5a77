//! What a vendor's token says of itself: checksums, lengths, documented sample
//! values. A regular expression on the page has already matched its shape.

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

/// Returns what the token is, or nothing if it is a mask or a template.
#[must_use]
pub fn standing(token: &str) -> Option<Standing> {
    if is_documented_sample(token) {
        return Some(Standing::Sample);
    }
    if let Some(right) = checksum_is_right(token) {
        if right {
            return Some(Standing::Verified);
        }
        return match placeholder::kind(payload(token)) {
            Some(Placeholder::Mask | Placeholder::Template) => None,
            Some(Placeholder::Sample) => Some(Standing::Sample),
            None => Some(Standing::Malformed),
        };
    }
    if is_too_short(token) {
        return match placeholder::kind(payload(token)) {
            Some(Placeholder::Mask | Placeholder::Template) => None,
            _ => Some(Standing::Malformed),
        };
    }
    match placeholder::kind(payload(token)) {
        Some(Placeholder::Mask | Placeholder::Template) => None,
        Some(Placeholder::Sample) => Some(Standing::Sample),
        None if entropy::looks_random(payload(token)) => Some(Standing::Plausible),
        None => Some(Standing::Typed),
    }
}

/// Whether the text starts as a known vendor's token does, so that a rule for
/// tokens of that vendor is the one to speak.
#[must_use]
pub fn has_known_prefix(text: &str) -> bool {
    PREFIXES.iter().any(|(prefix, _)| text.starts_with(prefix)) || text.contains("-----BEGIN")
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

/// The vendors' prefixes, and how long what follows must at least be.
///
/// Pages match a little more than a vendor issues, so that a key cut short is
/// shown as such instead of being passed over.
const PREFIXES: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("ASIA", 16),
    ("sk_live_", 24),
    ("rk_live_", 24),
    ("sk_test_", 24),
    ("rk_test_", 24),
    ("whsec_", 32),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 82),
    ("glpat-", 20),
    ("glptt-", 40),
    ("gldt-", 20),
    ("glrt-", 20),
    ("gloas-", 64),
    ("glcbt-", 20),
    ("glsoat-", 20),
    ("glimt-", 25),
    ("glagent-", 50),
    ("GR1348941", 20),
    ("xoxb-", 24),
    ("xoxp-", 24),
    ("xoxa-", 8),
    ("xoxr-", 8),
    ("xoxs-", 8),
    ("xoxe-", 20),
    ("xoxe.", 20),
    ("xapp-", 20),
    ("SG.", 66),
    ("AIza", 35),
    ("GOCSPX-", 28),
    ("npm_", 36),
    ("pypi-AgE", 50),
    ("rubygems_", 48),
    ("cio", 32),
    ("dckr_pat_", 27),
    ("dckr_oat_", 32),
    ("HRKU-", 36),
    ("dop_v1_", 64),
    ("doo_v1_", 64),
    ("dor_v1_", 64),
    ("cfut_", 48),
    ("cfat_", 48),
    ("cfk_", 48),
    ("NRAK-", 27),
    ("NRII-", 25),
    ("sntrys_", 60),
    ("sntryu_", 64),
    ("key-", 32),
    ("shpat_", 32),
    ("shpca_", 32),
    ("shppa_", 32),
    ("shpss_", 32),
    ("sq0atp-", 22),
    ("sq0csp-", 43),
    ("access_token$production$", 49),
    ("sk-proj-", 40),
    ("sk-svcacct-", 40),
    ("sk-admin-", 40),
    ("sk-ant-", 80),
    ("hf_", 34),
    ("r8_", 37),
    ("gsk_", 52),
    ("xai-", 80),
    ("pplx-", 48),
    ("sk-or-v1-", 64),
    ("nvapi-", 60),
    ("pcsk_", 60),
    ("lsv2_", 40),
    ("lin_api_", 40),
    ("ntn_", 46),
    ("ATATT", 60),
    ("ATCTT", 60),
    ("figd_", 40),
    ("dapi", 32),
    ("hvs.", 24),
    ("hvb.", 100),
    ("pul-", 40),
    ("dp.pt.", 40),
    ("dp.st.", 40),
    ("dp.ct.", 40),
    ("dp.sa.", 40),
    ("glsa_", 41),
    ("glc_", 50),
    ("pscale_tkn_", 32),
    ("pscale_pw_", 32),
    ("pscale_oauth_", 32),
    ("sbp_", 40),
    ("nfp_", 36),
    ("FlyV1 ", 100),
    ("AGE-SECRET-KEY-1", 58),
    ("tskey-", 20),
    ("CCIPAT_", 60),
    ("CFPAT-", 43),
    ("PMAK-", 59),
    ("xkeysib-", 80),
    ("dt0c01.", 89),
    ("sgp_", 40),
    ("LTAI", 16),
    ("bkua_", 40),
    ("tfp_", 40),
    ("rdme_", 70),
    ("shippo_", 40),
    ("EZAK", 54),
    ("AKCp", 69),
    ("ops_eyJ", 100),
    ("phx_", 43),
    ("FLWSECK-", 32),
    ("duffel_", 43),
    ("sl.", 100),
    ("ya29.", 40),
    ("squ_", 40),
    ("CLOJARS_", 60),
    ("ABSK", 109),
    ("fm2_", 100),
    ("fo1_", 43),
    ("pat-na", 30),
    ("sb_secret_", 22),
    ("hvr.", 100),
    ("sqp_", 40),
    ("sqa_", 40),
    ("api_org_", 34),
];

/// What follows the vendor's prefix.
fn payload(token: &str) -> &str {
    PREFIXES.iter().find_map(|(prefix, _)| token.strip_prefix(prefix)).unwrap_or(token)
}

fn is_too_short(token: &str) -> bool {
    PREFIXES.iter().any(|(prefix, least)| token.strip_prefix(prefix).is_some_and(|rest| rest.len() < *least))
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
    ];
    token.contains("EXAMPLE") || STARTS.iter().any(|start| token.contains(start))
}

/// GitHub and npm end their tokens with the CRC-32 of what precedes it, as six
/// digits of base 62. Returns nothing for other tokens.
fn checksum_is_right(token: &str) -> Option<bool> {
    const CHECKED: &[&str] = &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "npm_"];
    let payload = CHECKED.iter().find_map(|prefix| token.strip_prefix(prefix))?;
    (payload.len() == 36 && payload.is_ascii()).then(|| {
        let (random, sum) = payload.split_at(30);
        base62(crc32(random.as_bytes())) == sum
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: &str = "k3Zb8QwXr7LtVn2Hc9MdPy4FsJg6Ae";

    #[test]
    fn a_right_checksum_verifies_a_token() {
        // The checksum of the sample that GitHub printed when it announced the
        // format.
        assert_eq!(base62(crc32(b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ")), "0mLq17");
        for prefix in ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "npm_"] {
            let token = format!("{prefix}{RANDOM}{}", base62(crc32(RANDOM.as_bytes())));
            assert_eq!(standing(&token), Some(Standing::Verified), "{prefix}");
            assert_eq!(standing(&format!("{prefix}{RANDOM}zzzzz1")), Some(Standing::Malformed), "{prefix}");
        }
    }

    #[test]
    fn each_token_gets_its_standing() {
        let long = "q7Yd3kPzXv9TbLm2Rf8wNs5JhGcEaU4oQ6iVx1";
        for (token, expected) in [
            ("AKIAIOSFODNN7EXAMPLE".to_owned(), Some(Standing::Sample)),
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(), Some(Standing::Sample)),
            (["sk_live_", "51234567890abcdef"].concat(), Some(Standing::Malformed)),
            (["sk_test_", "4eC39HqLyjWDarjtT1zdp7dc"].concat(), Some(Standing::Sample)),
            (format!("sk_live_{long}"), Some(Standing::Plausible)),
            (["ghp_", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"].concat(), None),
            (["dop_v1_", &"1234567890abcdef".repeat(4)].concat(), Some(Standing::Sample)),
            (["dop_v1_", &"0".repeat(64)].concat(), None),
            (["hf_", "supersecrethuggingfacetokenforusall"].concat(), Some(Standing::Typed)),
        ] {
            assert_eq!(standing(&token), expected, "{token}");
        }
    }

    #[test]
    fn an_access_key_id_names_its_account() {
        // The pair that the article which described the encoding shows.
        assert_eq!(aws_account(concat!("ASIA", "QNZGKIQY56JQ7WML")).as_deref(), Some("029608264753"));
        assert_eq!(aws_account("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(aws_account("AKIA"), None);
    }
}
