//! Reads how long something lives from the code that says so:
//! `timedelta(days=7)`, `'24h'`, `time.Hour * 72`, `System.currentTimeMillis() + 864_000_000`.

/// Units and the seconds in one, by the beginnings of their names.
const UNITS: &[(&str, f64)] = &[
    ("milli", 0.001),
    ("second", 1.0),
    ("sec", 1.0),
    ("minute", 60.0),
    ("min", 60.0),
    ("hour", 3600.0),
    ("hr", 3600.0),
    ("day", 86_400.0),
    ("week", 604_800.0),
    ("month", 2_592_000.0),
    ("year", 31_536_000.0),
];

/// Words of an expression for the present whose sums are in milliseconds.
const MILLISECONDS: &[&str] = &["currentTimeMillis", "Date.now", "getTime()", "toEpochMilli", "new Date("];

/// Words of an expression for the present whose sums are in seconds.
const SECONDS: &[&str] =
    &["time()", "time.time", "Time.now", "getEpochSecond", "timestamp()", "time(", "Unix()", "now_utc"];

/// The seconds that an expression adds to the present, if that can be seen.
/// `constant` gives the value of a name, where it has one.
pub fn seconds<'c>(text: &str, constant: impl Fn(&str) -> Option<&'c str>) -> Option<f64> {
    let text = text.trim();
    unit_words(text, &constant).or_else(|| {
        let divided = text.contains("/ 1000") || text.contains("/1000");
        let unit = if !divided && MILLISECONDS.iter().any(|word| text.contains(word)) {
            0.001
        } else if divided || SECONDS.iter().any(|word| text.contains(word)) {
            1.0
        } else {
            return None;
        };
        let (_, added) = text.rsplit_once('+')?;
        product(added, &constant).map(|number| number * unit)
    })
}

/// The seconds of a span such as `7d`, `24 hours`, `'3600'`; a bare number is in
/// `unit` seconds.
pub fn span(text: &str, unit: f64) -> Option<f64> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let number: f64 = text[..digits].parse().ok()?;
    match text[digits..].trim() {
        "" => Some(number * unit),
        "ms" => Some(number * 0.001),
        "s" => Some(number),
        "m" => Some(number * 60.0),
        "h" => Some(number * 3600.0),
        "d" => Some(number * 86_400.0),
        "w" => Some(number * 604_800.0),
        "y" => Some(number * 31_536_000.0),
        word => unit_of(word).map(|unit| number * unit),
    }
}

/// Numbers that stand with a unit: `days=7`, `AddDays(7)`, `7.days`, `7 *
/// time.Hour`, `+7 days`, `Duration::days(7)`, `plus(7, ChronoUnit.DAYS)`.
fn unit_words<'c>(text: &str, constant: &impl Fn(&str) -> Option<&'c str>) -> Option<f64> {
    let mut total = None;
    for (at, word) in words(text) {
        let Some(unit) = unit_of(word) else { continue };
        let after = text[at + word.len()..].trim_start();
        let before = text[..at].trim_end();
        let number = match after.chars().next() {
            // `days=7`, `days: 7`, `AddDays(7)`
            Some('=' | ':' | '(') if !after.starts_with("::") => {
                let inner = after[1..].trim_start_matches(['=', ' ']);
                product(inner.split([',', ')', '}']).next().unwrap_or_default(), constant)
            }
            _ => None,
        };
        // `TimeUnit.DAYS.toMillis(7)`
        let number = number.or_else(|| {
            let call = after.strip_prefix(".toMillis(").or_else(|| after.strip_prefix(".toSeconds("))?;
            product(call.split(')').next()?, constant)
        });
        // `time.Hour * 72`, `72 * time.Hour`, `plus(7, ChronoUnit.DAYS)`, `7.days`, `+7 days`
        let number = number
            .or_else(|| product(after.strip_prefix('*')?.split([',', ')', '}', ';']).next()?, constant))
            .or_else(|| {
                let before = before
                    .trim_end_matches("time.")
                    .trim_end_matches("ChronoUnit.")
                    .trim_end_matches("TimeUnit.");
                let before = before.trim_end().trim_end_matches(['*', ',', '.']).trim_end();
                let start = before
                    .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '*' | ' ')))
                    .map_or(0, |at| at + 1);
                product(&before[start..], constant)
            });
        if let Some(number) = number {
            total = Some(total.unwrap_or(0.0) + number * unit);
        }
    }
    total
}

/// The words of a text, cut at the humps of `AddDays`, with their offsets.
fn words(text: &str) -> Vec<(usize, &str)> {
    let bytes = text.as_bytes();
    let mut words = Vec::new();
    let mut start = None;
    for at in 0..=bytes.len() {
        let letter = bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
        let hump = letter && at > 0 && bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase();
        if (!letter || hump)
            && let Some(from) = start.take()
        {
            words.push((from, &text[from..at]));
        }
        if letter && start.is_none() {
            start = Some(at);
        }
    }
    words
}

fn unit_of(word: &str) -> Option<f64> {
    let lower = word.to_ascii_lowercase();
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    UNITS
        .iter()
        .find(|(unit, _)| singular == *unit || *unit == "milli" && singular.starts_with("millisecond"))
        .map(|(_, seconds)| *seconds)
}

/// The value of numbers multiplied with each other: `60 * 60 * 24`.
fn product<'c>(text: &str, constant: &impl Fn(&str) -> Option<&'c str>) -> Option<f64> {
    text.split('*').try_fold(1.0, |product, factor| {
        let factor = factor.trim().trim_matches(['(', ')', ' ', ';', ',', '\'', '"']);
        let plain = factor.replace('_', "");
        let plain = plain.trim_end_matches(['L', 'l', 'f', 'F']);
        let number = plain.parse::<f64>().ok().or_else(|| {
            let value = constant(factor)?;
            value.split('*').try_fold(1.0, |product, factor| {
                let factor = factor.trim().trim_matches(['(', ')', ' ', ';']).replace('_', "");
                factor.trim_end_matches(['L', 'l']).parse::<f64>().ok().map(|number| product * number)
            })
        });
        number.map(|number| product * number)
    })
}

#[cfg(test)]
mod tests {
    use super::{seconds, span};

    #[test]
    fn lifetimes_are_read_in_every_language() {
        let constant = |name: &str| (name == "EXPIRATION").then_some("864_000_000");
        for (text, hours) in [
            ("datetime.utcnow() + timedelta(days=7)", 168.0),
            ("datetime.now(tz=UTC) + timedelta(hours=1, minutes=30)", 1.5),
            ("int(time.time()) + 60 * 60 * 2", 2.0),
            ("Math.floor(Date.now() / 1000) + 3600", 1.0),
            ("new Date(System.currentTimeMillis() + 864_000_00L)", 24.0),
            ("new Date(System.currentTimeMillis() + EXPIRATION)", 240.0),
            ("Instant.now().plus(7, ChronoUnit.DAYS)", 168.0),
            ("now.plusHours(2)", 2.0),
            ("Duration.ofDays(1)", 24.0),
            ("new Date(now + TimeUnit.DAYS.toMillis(10))", 240.0),
            ("time.Now().Add(24 * time.Hour).Unix()", 24.0),
            ("time.Now().Add(time.Hour * 72)", 72.0),
            ("time.Now().Add(time.Minute * 5)", 5.0 / 60.0),
            ("time() + 3600 * 24", 24.0),
            ("strtotime('+7 days')", 168.0),
            ("24.hours.from_now.to_i", 24.0),
            ("1.week.from_now", 168.0),
            ("Time.now.to_i + 4 * 3600", 4.0),
            ("DateTime.UtcNow.AddDays(7)", 168.0),
            ("DateTime.UtcNow.AddMinutes(30)", 0.5),
            ("Utc::now() + Duration::days(30)", 720.0),
        ] {
            let found = seconds(text, constant).map(|seconds| seconds / 3600.0);
            assert!(found.is_some_and(|found| (found - hours).abs() < 0.01), "{text}: {found:?}");
        }
        for text in [
            "expires_at",
            "datetime.utcnow() + self.lifetime",
            "time.Now().Add(ttl)",
            "now + minutes(config.ttl)",
        ] {
            assert_eq!(seconds(text, |_| None), None, "{text}");
        }
    }

    #[test]
    fn spans_are_read() {
        assert_eq!(span("7d", 1.0), Some(604_800.0));
        assert_eq!(span("2 hours", 1.0), Some(7200.0));
        assert_eq!(span("3600", 1.0), Some(3600.0));
        assert_eq!(span("never", 1.0), None);
    }
}
