//! Policy files: how they are found, read and kept fresh.

use std::ops::Range;
use wardline_plugin::{Document, Fact, Group, Json, Report, Span, json};

/// Files of the root where a missing file is reported, the best first.
const ROOTS: [&str; 5] = ["README.md", "README.rst", "README", "SECURITY.md", "wardline.toml"];

/// Records a file of the repository's root: what is missing is reported there.
pub fn root(document: &Document, report: &mut Report) {
    if !document.has("embedded") {
        report.fact("root", "", &json!({}), Span { start: 0, end: 0 });
    }
}

/// Where to report what the repository lacks.
#[must_use]
pub fn root_of<'c>(group: &Group<'c>) -> Option<Fact<'c>> {
    let all: Vec<Fact<'c>> = group.facts("repository/root").collect();
    let best = ROOTS.iter().find_map(|name| all.iter().find(|fact| fact.path() == *name).copied());
    best.or_else(|| all.first().copied())
}

/// A policy file and where its values stand.
#[derive(Debug)]
pub struct Policy<'d> {
    document: &'d Document,
    /// Its content.
    pub table: toml::Table,
}

impl<'d> Policy<'d> {
    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read(document: &'d Document) -> Result<Self, (String, Span)> {
        match toml::from_str(document.text()) {
            Ok(table) => Ok(Self { document, table }),
            Err(error) => {
                let at = error.span().map_or(Span { start: 0, end: 0 }, to_span);
                Err((error.message().to_owned(), at))
            }
        }
    }

    /// The first line on which a key is set, or the start of the file.
    #[must_use]
    pub fn at(&self, key: &str) -> Span {
        let mut start = 0;
        for line in self.document.text().split_inclusive('\n') {
            let trimmed = line.trim_start().trim_start_matches('[');
            let after = trimmed.strip_prefix(key).unwrap_or("x");
            if after.trim_start().starts_with(['=', ']']) {
                return to_span(start..start + line.trim_end().len());
            }
            start += line.len();
        }
        Span { start: 0, end: 0 }
    }

    /// A text of the root table.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.table.get(key).and_then(toml::Value::as_str).filter(|text| !text.trim().is_empty())
    }

    /// The tables of an array of tables.
    #[must_use]
    pub fn tables(&self, key: &str) -> Vec<&toml::Table> {
        let items = self.table.get(key).and_then(toml::Value::as_array);
        items.into_iter().flatten().filter_map(toml::Value::as_table).collect()
    }

    /// What is wrong with a review date: it is missing, or too long ago.
    #[must_use]
    pub fn overdue(&self, table: &toml::Table) -> Option<String> {
        let Some(date) = table.get("reviewed") else { return Some("has no `reviewed` date".to_owned()) };
        let date = date.to_string();
        let date = date.trim_matches('"');
        let Some(then) = days(date) else {
            return Some(format!("has a `reviewed` date that is none: `{date}`"));
        };
        let today = wardline_plugin::today();
        let now = today.as_deref().and_then(days)?;
        let limit = wardline_plugin::option("review-days").and_then(|days| days.as_i64()).unwrap_or(365);
        if then > now {
            return Some(format!("is said to be reviewed on {date}, which is still to come"));
        }
        (now - then > limit).then(|| format!("was reviewed on {date}, more than {limit} days ago"))
    }
}

/// Whether a text is a way to reach somebody: an address, a number, a link, a
/// channel.
#[must_use]
pub fn is_contact(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.contains('@') || text.contains("://") || text.starts_with('#') || digits >= 6
}

/// Days since 1970 of a date `YYYY-MM-DD`.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.get(..10)?.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March put the leap day last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

fn to_span(range: Range<usize>) -> Span {
    let word = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Span { start: word(range.start), end: word(range.end) }
}

/// A fact that a file of this kind exists.
pub fn exists(topic: &str, report: &mut Report) {
    report.fact(topic, "", &Json::Null, Span { start: 0, end: 0 });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted() {
        assert_eq!(days("1970-01-01"), Some(0));
        assert_eq!(days("2000-03-01"), Some(11_017));
        assert_eq!(days("2024-02-29").zip(days("2024-03-01")).map(|(a, b)| b - a), Some(1));
        assert_eq!((days("2024-13-01"), days("x"), days("")), (None, None, None));
    }

    #[test]
    fn contacts_are_ways_to_reach_somebody() {
        assert!(
            ["a@acme.io", "+49 30 123456", "https://acme.io", "#incidents"]
                .iter()
                .all(|text| is_contact(text))
        );
        assert!(!is_contact("the boss"));
    }
}
