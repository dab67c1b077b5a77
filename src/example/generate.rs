//! Placeholders: secrets that are made when an example runs.
//!
//! A page that held a whole credential, even a made-up one, would set off every
//! scanner that it passes. What is made depends on the text around the
//! placeholder alone, so that a finding is the same on every machine, and a line
//! that a fix leaves alone stays the same in the `fixed` block.

use std::collections::HashMap;

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const DIGIT: &str = "0123456789";
/// No placeholder makes more than this.
const LONGEST: usize = 16 << 10;

/// Replaces every placeholder: `{{alnum 30}}`, `{{crc32}}` and the like. Other
/// double braces are code, and stay.
#[must_use]
pub(crate) fn expand(text: &str) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut seen: HashMap<&str, u32> = HashMap::new();
    let mut token = 0..0;
    let mut seed = String::new();
    // What the last placeholders made without anything between them.
    let mut made = String::new();
    let mut at = 0;
    while let Some((from, to, placeholder)) = next(text, at) {
        if from >= token.end {
            token = token_around(text, from, to);
            let template = &text[token.clone()];
            let occurrence = seen.entry(template).or_default();
            seed = format!("{template}\n{occurrence}");
            *occurrence += 1;
        }
        if from > at {
            expanded.push_str(&text[at..from]);
            made.clear();
        }
        let value = match placeholder {
            Placeholder::Crc32 => base62(crc32(made.as_bytes())),
            Placeholder::Random { alphabet, length } => {
                random(&format!("{seed}\n{}", from - token.start), &alphabet, length)
            }
        };
        expanded.push_str(&value);
        made.push_str(&value);
        at = to;
    }
    expanded.push_str(&text[at..]);
    expanded
}

enum Placeholder {
    Crc32,
    Random { alphabet: String, length: usize },
}

/// The next placeholder at or after an offset, with its range.
fn next(text: &str, at: usize) -> Option<(usize, usize, Placeholder)> {
    text[at..].match_indices("{{").find_map(|(open, _)| {
        let from = at + open;
        let length = text[from..].find("}}")?;
        let placeholder = placeholder(&text[from + 2..from + length])?;
        Some((from, from + length + 2, placeholder))
    })
}

fn placeholder(inner: &str) -> Option<Placeholder> {
    if inner == "crc32" {
        return Some(Placeholder::Crc32);
    }
    let (name, length) = inner.split_once(' ')?;
    let alphabet = match name {
        "upper" => UPPER.to_owned(),
        "lower" => LOWER.to_owned(),
        "digit" => DIGIT.to_owned(),
        "alnum" => [UPPER, LOWER, DIGIT].concat(),
        "hex" => "0123456789abcdef".to_owned(),
        "base32" => [UPPER, "234567"].concat(),
        "base64" => [UPPER, LOWER, DIGIT, "+/"].concat(),
        "base64url" => [UPPER, LOWER, DIGIT, "-_"].concat(),
        _ => return None,
    };
    let length = length.parse().ok().filter(|length| *length <= LONGEST)?;
    Some(Placeholder::Random { alphabet, length })
}

/// The run of text around a placeholder without white space and quotes, except
/// for those inside of placeholders.
fn token_around(text: &str, from: usize, to: usize) -> std::ops::Range<usize> {
    let ends = |character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '`');
    let start =
        text[..from].rfind(ends).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let mut end = to;
    loop {
        let stop = text[end..].find(ends).map_or(text.len(), |at| end + at);
        match next(text, end) {
            Some((open, close, _)) if open < stop => end = close,
            _ => return start..stop,
        }
    }
}

/// Evenly drawn from an alphabet; the same for the same seed.
fn random(seed: &str, alphabet: &str, length: usize) -> String {
    let mut source = blake3::Hasher::new().update(seed.as_bytes()).finalize_xof();
    let fair = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0; 64];
        source.fill(&mut bytes);
        let drawn = bytes.into_iter().map(usize::from).filter(|byte| *byte < fair);
        let characters = drawn.map(|byte| char::from(alphabet.as_bytes()[byte % alphabet.len()]));
        text.extend(characters.take(length - text.len()));
    }
    text
}

/// The checksum that GitHub and npm put at the end of their tokens: six digits
/// of base 62.
fn base62(mut number: u32) -> String {
    let digits = [DIGIT, UPPER, LOWER].concat();
    let mut text = [b'0'; 6];
    for digit in text.iter_mut().rev() {
        *digit = digits.as_bytes()[(number % 62) as usize];
        number /= 62;
    }
    text.into_iter().map(char::from).collect()
}

/// The CRC-32 of zip files.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generator_keeps_to_its_alphabet_and_length() {
        type Alphabet = (&'static str, fn(char) -> bool);
        let alphabets: [Alphabet; 8] = [
            ("upper", |c| c.is_ascii_uppercase()),
            ("lower", |c| c.is_ascii_lowercase()),
            ("digit", |c| c.is_ascii_digit()),
            ("alnum", |c| c.is_ascii_alphanumeric()),
            ("hex", |c| c.is_ascii_digit() || ('a'..='f').contains(&c)),
            ("base32", |c| c.is_ascii_uppercase() || ('2'..='7').contains(&c)),
            ("base64", |c| c.is_ascii_alphanumeric() || "+/".contains(c)),
            ("base64url", |c| c.is_ascii_alphanumeric() || "-_".contains(c)),
        ];
        for (name, fits) in alphabets {
            let made = expand(&format!("{{{{{name} 400}}}}"));
            assert_eq!(made.len(), 400, "{name}");
            assert!(made.chars().all(fits), "{name}: {made}");
        }
    }

    #[test]
    fn other_braces_stay() {
        for text in
            ["{{ key }}", "{{x}}", "${{ secrets.KEY }}", "{{alnum}}", "{{alnum 99999999}}", "{{", "f'{{a}}'"]
        {
            assert_eq!(expand(text), text);
        }
    }

    #[test]
    fn the_same_text_gives_the_same_values() {
        let text = "'k_{{alnum 20}}' 'k_{{alnum 20}}' 'l_{{alnum 20}}'";
        let made = expand(text);
        assert_eq!(made, expand(text));
        let mut values: Vec<&str> = made.split(['\'', '_']).filter(|part| part.len() == 20).collect();
        values.sort_unstable();
        values.dedup();
        assert_eq!(values.len(), 3, "{made}");
    }

    #[test]
    fn a_line_keeps_its_values_when_others_change() {
        let before = expand("x = eval(y)\nkey = \"k_{{hex 32}}\"\n");
        let after = expand("x = y\nkey = \"k_{{hex 32}}\"\n");
        assert_eq!(before.lines().last(), after.lines().last());
    }

    #[test]
    fn a_checksum_covers_what_was_made_before_it_in_the_token() {
        // The check value of this CRC-32, as catalogues of checksums give it.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(
            (base62(0), base62(61), base62(62), base62(u32::MAX)),
            ("000000".into(), "00000z".into(), "000010".into(), "4gfFC3".into())
        );
        let token = expand("t = 'ghp_{{alnum 30}}{{crc32}}';");
        let payload = &token["t = 'ghp_".len()..token.len() - 2];
        assert_eq!(payload.len(), 36);
        assert_eq!(base62(crc32(&payload.as_bytes()[..30])), payload[30..]);
    }
}
