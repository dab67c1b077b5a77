//! Decodes what hides a secret without protecting it: base 64, hexadecimal,
//! percent signs. Decoded text remembers where each of its bytes came from.

use std::ops::Range;

/// A text that was decoded, with the way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// What the text says.
    pub text: String,
    /// Where each byte of `text` begins in the encoded text, and its end.
    starts: Vec<usize>,
}

impl Decoded {
    /// The part of the encoded text that stands for this part of the decoded one.
    #[must_use]
    pub fn source(&self, range: Range<usize>) -> Range<usize> {
        self.starts[range.start]..self.starts[range.end]
    }

    /// The same, of a longer encoded text in which this one begins at `by`.
    #[must_use]
    pub fn moved(mut self, by: usize) -> Self {
        self.starts.iter_mut().for_each(|start| *start += by);
        self
    }
}

/// Decodes base 64 of either alphabet, with or without padding. Nothing if it
/// is none, or if what it says is not printable ASCII.
#[must_use]
pub fn base64_text(text: &str) -> Option<Decoded> {
    let bytes = base64(text)?;
    let starts = (0..bytes.len()).map(|byte| byte * 4 / 3).chain([text.len()]).collect();
    readable(bytes, starts)
}

/// Decodes pairs of hexadecimal digits that say printable ASCII.
#[must_use]
pub fn hex_text(text: &str) -> Option<Decoded> {
    let digits = text.as_bytes().chunks_exact(2);
    let whole = digits.remainder().is_empty();
    let bytes: Option<Vec<u8>> = digits.map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect();
    let bytes = bytes.filter(|_| whole)?;
    let starts = (0..=bytes.len()).map(|byte| byte * 2).collect();
    readable(bytes, starts)
}

/// Replaces `%2F` and the like.
#[must_use]
pub fn percent_text(text: &str) -> Option<Decoded> {
    let encoded = text.as_bytes();
    let (mut bytes, mut starts, mut at) = (Vec::new(), Vec::new(), 0);
    while at < encoded.len() {
        starts.push(at);
        let pair =
            (encoded.get(at + 1).copied().and_then(nibble), encoded.get(at + 2).copied().and_then(nibble));
        match (encoded[at], pair) {
            (b'%', (Some(high), Some(low))) => {
                bytes.push(high << 4 | low);
                at += 3;
            }
            (byte, _) => {
                bytes.push(byte);
                at += 1;
            }
        }
    }
    starts.push(at);
    readable(bytes, starts)
}

/// Decodes base 64 of either alphabet, with or without padding.
#[must_use]
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').as_bytes();
    if digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0);
    for digit in digits {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn readable(bytes: Vec<u8>, starts: Vec<usize>) -> Option<Decoded> {
    let printable = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    if !bytes.iter().all(printable) {
        return None;
    }
    String::from_utf8(bytes).ok().map(|text| Decoded { text, starts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decoded_remembers_where_it_stood() {
        let base64 = base64_text("a2V5PXNlY3JldA==").expect("base 64");
        assert_eq!((base64.text.as_str(), base64.source(4..10)), ("key=secret", 5..16));
        let hex = hex_text("6b65793d78").expect("hexadecimal");
        assert_eq!((hex.text.as_str(), hex.source(4..5)), ("key=x", 8..10));
        let percent = percent_text("key%3Dx%2Fy").expect("percent");
        assert_eq!((percent.text.as_str(), percent.source(4..7)), ("key=x/y", 6..11));
    }

    #[test]
    fn what_is_not_text_is_not_decoded() {
        assert_eq!(base64_text("////"), None);
        assert_eq!(base64_text("abcde"), None);
        assert_eq!(hex_text("00ff"), None);
        assert_eq!(hex_text("abc"), None);
    }
}
