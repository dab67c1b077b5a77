//! How random a text looks, measured against what its own alphabet and length
//! allow. It knows nothing of words, names or vendors.

/// Returns the Shannon entropy of the text's bytes, in bits per byte.
#[must_use]
pub fn bits(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = text.len() as f64;
    let share = |count: &u32| f64::from(*count) / length;
    counts.iter().filter(|count| **count > 0).map(|count| -share(count) * share(count).log2()).sum()
}

/// Returns the size of the smallest usual alphabet that holds the text: digits,
/// hexadecimal, one case, one case with digits, base 62, base 64, anything.
#[must_use]
pub fn alphabet(text: &str) -> u32 {
    let all = |test: fn(&u8) -> bool| text.as_bytes().iter().all(test);
    if all(u8::is_ascii_digit) {
        10
    } else if all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        || all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
    {
        16
    } else if all(u8::is_ascii_lowercase) || all(u8::is_ascii_uppercase) {
        26
    } else if all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        || all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    {
        36
    } else if all(u8::is_ascii_alphanumeric) {
        62
    } else if all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte)) {
        64
    } else {
        94
    }
}

/// Whether the text looks drawn at random: long enough, close to the entropy
/// that its alphabet allows at that length, and not made of words.
///
/// A text of `n` characters can not show more than `log2(n)` bits a character,
/// which is why the bar is relative: 16 hexadecimal digits and 86 of base 64
/// meet the same one. Separators between hexadecimal digits do not count.
#[must_use]
pub fn looks_random(text: &str) -> bool {
    const SEPARATORS: [char; 4] = ['-', '_', '.', ':'];
    if text.contains(SEPARATORS) && text.chars().all(|c| c.is_ascii_hexdigit() || SEPARATORS.contains(&c)) {
        return looks_random(&text.replace(SEPARATORS, ""));
    }
    text.len() >= 16 && is_spread(text, 0.0)
}

/// The same of a text that has a vendor's shape, which may be shorter and less
/// even: chance alone puts one of thirty keys with twenty characters below the
/// bar.
#[must_use]
pub fn looks_drawn(text: &str) -> bool {
    const EASE: f64 = 0.06;
    looks_random(text) || text.len() >= 12 && is_spread(text, EASE)
}

fn is_spread(text: &str, ease: f64) -> bool {
    let alphabet = alphabet(text);
    let possible = f64::from(alphabet.min(text.len() as u32)).log2();
    let bar = if alphabet <= 16 { 0.76 } else { 0.78 };
    bits(text) >= (bar - ease) * possible && !reads_like_words(text)
}

/// Whether most of the text is runs of letters in one case, as identifiers and
/// phrases are: `getUserToken`, `my-super-secret`. Random text of a large
/// alphabet changes its class of character every second one.
fn reads_like_words(text: &str) -> bool {
    let class = |byte: u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let bytes = text.as_bytes();
    let one_case =
        !text.contains(|c: char| c.is_ascii_uppercase()) || !text.contains(|c: char| c.is_ascii_lowercase());
    if one_case {
        // Words have no digits, or only a few at their end; or they are joined.
        let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
        let groups = text.split(|c: char| !c.is_ascii_alphanumeric());
        let of_words =
            groups.filter(|group| group.len() >= 4 && group.bytes().all(|byte| byte.is_ascii_alphabetic()));
        let in_words: usize = of_words.map(str::len).sum();
        return alphabet(text) > 16 && (digits * 10 < bytes.len() || in_words * 2 > bytes.len());
    }
    let changes = bytes.windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
    changes * 10 < bytes.len() * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_is_the_smallest_that_holds_the_text() {
        for (text, size) in [
            ("0123", 10),
            ("00ff", 16),
            ("hello", 26),
            ("hello1", 36),
            ("Hello1", 62),
            ("He+/o1==", 64),
            ("p@ss", 94),
        ] {
            assert_eq!(alphabet(text), size, "{text}");
        }
    }

    #[test]
    fn random_text_of_any_alphabet_looks_random() {
        for text in [
            "9f86d081884c7d65",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c",
            "kz82hq0v5nx7w1jm4tb6",
            "Zx8Qw3Lr7Tk2Vn9Bm4Hc",
            "q7Yd+3kPz/Xv9TbLm2Rf8wNs5JhGcEaU4oQ6iVx1",
            "C5vX-9pQr_2LmT7zKd8WyB3n",
            "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
        ] {
            assert!(looks_random(text), "{text}: {:.2}", bits(text));
        }
    }

    #[test]
    fn words_repetition_and_short_text_do_not() {
        for text in [
            "supersecretjwtkey",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "1234123412341234",
            "getUserAccessTokenFromRequest",
            "my-super-secret-signing-key",
            "REFRESH_TOKEN_EXPIRED_ERROR",
            "password123",
            "resetPasswordFormComponent",
            "00000000000000000000000000000001",
        ] {
            assert!(!looks_random(text), "{text}: {:.2}", bits(text));
        }
    }
}
