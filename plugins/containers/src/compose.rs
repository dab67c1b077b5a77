//! Compose files: the services and what they are given.

use crate::yaml::{self, Is, Value};
use std::rc::Rc;
use wardline_plugin::Span;

/// A Compose file.
#[derive(Debug, Clone)]
pub struct Compose {
    root: Rc<Value>,
}

impl Compose {
    /// Reads a file; nothing where it is some other YAML.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let root = yaml::parse(text)?;
        let services = root.get("services")?.entries();
        let is_service =
            |value: &Value| ["image", "build", "extends"].iter().any(|key| value.get(key).is_some());
        services.iter().any(|(_, value)| is_service(value)).then_some(Self { root })
    }

    /// Its services, in order.
    #[must_use]
    pub fn services(&self) -> Vec<Service<'_>> {
        let services = self.root.get("services").map(Value::entries).unwrap_or_default();
        services.into_iter().filter_map(|(name, value)| Some(Service { name: name.text()?, value })).collect()
    }
}

/// A service.
#[derive(Debug, Clone, Copy)]
pub struct Service<'y> {
    /// Its name.
    pub name: &'y str,
    value: &'y Value,
}

/// A text and where it stands.
#[derive(Debug, Clone)]
pub struct Text {
    /// Without quotes.
    pub text: String,
    /// Where it stands, without quotes.
    pub span: Span,
}

/// A variable of the environment.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value; nothing where it is passed through.
    pub value: Option<Text>,
}

/// A published port.
#[derive(Debug, Clone)]
pub struct Port {
    /// Whether only the host itself reaches it.
    pub is_local: bool,
}

/// A path of the host, mounted.
#[derive(Debug, Clone)]
pub struct Mount {
    /// The path on the host.
    pub source: String,
    /// Whether the container may not write to it.
    pub is_read_only: bool,
    /// Where it is said.
    pub span: Span,
}

impl<'y> Service<'y> {
    /// The entry of a key: the value and where the whole entry starts and ends.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<(&'y Value, Span)> {
        let (key, value) = self.value.entry(key)?;
        let end = value.span.end.max(key.span.end);
        // A value that is merged in from elsewhere stands where it was written.
        let span =
            if value.span.start < key.span.start { key.span } else { Span { start: key.span.start, end } };
        Some((value, span))
    }

    /// Its image, if it names one that it does not build itself.
    #[must_use]
    pub fn image(&self) -> Option<Text> {
        if self.value.get("build").is_some() {
            return None;
        }
        self.value.get("image").and_then(text_of)
    }

    /// The scalar or the scalars under a key.
    #[must_use]
    pub fn texts(&self, key: &str) -> Vec<Text> {
        let Some(value) = self.value.get(key) else { return Vec::new() };
        match &value.is {
            Is::Scalar { .. } => text_of(value).into_iter().collect(),
            Is::List(items) => items.iter().filter_map(|item| text_of(item)).collect(),
            Is::Map(_) => Vec::new(),
        }
    }

    /// Its environment.
    #[must_use]
    pub fn environment(&self) -> Vec<Variable> {
        self.pairs(self.value.get("environment"))
    }

    /// What its build is given as arguments.
    #[must_use]
    pub fn build_arguments(&self) -> Vec<Variable> {
        self.pairs(self.value.get("build").and_then(|build| build.get("args")))
    }

    fn pairs(&self, value: Option<&Value>) -> Vec<Variable> {
        let Some(value) = value else { return Vec::new() };
        let of_item = |item: &Rc<Value>| {
            let text = text_of(item)?;
            let Some((name, value)) = text.text.split_once('=') else {
                return Some(Variable { name: text.text, value: None });
            };
            // Where escapes make the two differ in length, the whole item stands for it.
            let exact = (text.span.end - text.span.start) as usize == text.text.len();
            let start = if exact { text.span.start + name.len() as u32 + 1 } else { text.span.start };
            let span = Span { start, end: text.span.end };
            Some(Variable { name: name.to_owned(), value: Some(Text { text: value.to_owned(), span }) })
        };
        match &value.is {
            Is::List(items) => items.iter().filter_map(of_item).collect(),
            _ => value
                .entries()
                .into_iter()
                .filter_map(|(name, value)| {
                    let value =
                        text_of(value).filter(|text| !matches!(text.text.as_str(), "" | "null" | "~"));
                    Some(Variable { name: name.text()?.to_owned(), value })
                })
                .collect(),
        }
    }

    /// Its published ports.
    #[must_use]
    pub fn ports(&self) -> Vec<Port> {
        let items = self.value.get("ports").map(Value::items).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| {
                if let Is::Map(_) = item.is {
                    item.get("published")?;
                    let host = item.get("host_ip").and_then(Value::text).unwrap_or_default();
                    return Some(Port { is_local: is_local(host) });
                }
                let text = interpolate(item.text()?).text;
                // `80` alone goes to a random port; `8080:80`, `127.0.0.1:8080:80`, `[::1]:8080:80`
                let (host, _) = text.rsplit_once(':')?;
                let address = host.rsplit_once(':').map_or("", |(address, _)| address);
                Some(Port { is_local: is_local(address) })
            })
            .collect()
    }

    /// The paths of the host that it mounts.
    #[must_use]
    pub fn mounts(&self) -> Vec<Mount> {
        let items = self.value.get("volumes").map(Value::items).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| {
                if let Is::Map(_) = item.is {
                    let text = |key: &str| item.get(key).and_then(Value::text).unwrap_or_default().to_owned();
                    let is_bind = text("type") == "bind";
                    let is_read_only = item.get("read_only").is_some_and(Value::is_true);
                    let mount =
                        Mount { source: interpolate(&text("source")).text, is_read_only, span: item.span };
                    return is_bind.then_some(mount);
                }
                let text = text_of(item)?;
                let filled = interpolate(&text.text).text;
                let (source, target) = filled.split_once(':')?;
                let mode = target.split_once(':').map_or("", |(_, mode)| mode);
                let is_read_only = mode.split(',').any(|word| word == "ro");
                let is_path = source.starts_with(['/', '.', '~']);
                is_path.then(|| Mount { source: source.to_owned(), is_read_only, span: text.span })
            })
            .collect()
    }
}

fn is_local(address: &str) -> bool {
    let address = address.trim_matches(['[', ']']);
    address.starts_with("127.") || address == "::1" || address == "localhost"
}

fn text_of(value: &Value) -> Option<Text> {
    let Is::Scalar { text, plain } = &value.is else { return None };
    let mut span = value.span;
    if !plain && span.end - span.start >= 2 + text.len() as u32 {
        // Block scalars have no closing mark.
        let is_quoted = (span.end - span.start) as usize == text.len() + 2;
        if is_quoted {
            span = Span { start: span.start + 1, end: span.end - 1 };
        }
    }
    Some(Text { text: text.clone(), span })
}

/// A text with its variables put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpolated {
    /// With defaults where there are any, and nothing where there are none.
    pub text: String,
    /// A variable that has no default.
    pub missing: Option<String>,
    /// Whether a default was put in.
    pub has_default: bool,
}

/// Puts the defaults of `${NAME:-default}` in.
#[must_use]
pub fn interpolate(text: &str) -> Interpolated {
    let mut filled = Interpolated { text: String::new(), missing: None, has_default: false };
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        filled.text.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(left) = after.strip_prefix('$') {
            filled.text.push('$');
            rest = left;
            continue;
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if let Some(inner) = after.strip_prefix('{') {
            let close = closing(inner);
            let body = &inner[..close];
            let end = body.find(|c: char| !is_name(c)).unwrap_or(body.len());
            let name = &body[..end];
            let default = body[end..].strip_prefix(":-").or_else(|| body[end..].strip_prefix('-'));
            match default {
                Some(default) => {
                    let inner = interpolate(default);
                    filled.text.push_str(&inner.text);
                    filled.missing = filled.missing.or(inner.missing);
                    filled.has_default = true;
                }
                None => filled.missing = filled.missing.or(Some(name.to_owned())),
            }
            rest = inner.get(close + 1..).unwrap_or_default();
        } else {
            let end = after.find(|c: char| !is_name(c)).unwrap_or(after.len());
            if end == 0 {
                filled.text.push('$');
            } else {
                filled.missing = filled.missing.or(Some(after[..end].to_owned()));
            }
            rest = &after[end..];
        }
    }
    filled.text.push_str(rest);
    filled
}

/// Where the brace closes that was opened before `text`.
fn closing(text: &str) -> usize {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return at,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
x-env: &env
  SHARED: one
services:
  db:
    image: "postgres:16"
    environment:
      <<: *env
      POSTGRES_PASSWORD: 'secret1'
      PASSED:
    ports: ["5432:5432", "127.0.0.1:9000:9000", "80", {published: 81, target: 80}]
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock:ro
      - data:/data
      - ${DATA:-/etc}:/host
  app:
    build: .
    image: acme/app
    environment:
      - A=b=c
      - PASSED
"#;

    #[test]
    fn services_are_read() {
        let compose = Compose::parse(FILE).expect("a Compose file");
        let services = compose.services();
        let slice = |span: Span| &FILE[span.start as usize..span.end as usize];
        let db = services[0];
        assert_eq!(slice(db.image().expect("there").span), "postgres:16");
        let environment: Vec<String> = db
            .environment()
            .into_iter()
            .map(|variable| format!("{}={:?}", variable.name, variable.value.map(|value| slice(value.span))))
            .collect();
        assert_eq!(
            environment,
            ["POSTGRES_PASSWORD=Some(\"secret1\")", "PASSED=None", "SHARED=Some(\"one\")"]
        );
        let ports: Vec<bool> = db.ports().iter().map(|port| port.is_local).collect();
        assert_eq!(ports, [false, true, false]);
        let mounts: Vec<(String, bool)> =
            db.mounts().into_iter().map(|mount| (mount.source, mount.is_read_only)).collect();
        assert_eq!(mounts, [("/var/run/docker.sock".to_owned(), true), ("/etc".to_owned(), false)]);
        assert!(services[1].image().is_none());
        let value = services[1].environment()[0].value.clone().expect("there");
        assert_eq!((value.text.as_str(), slice(value.span)), ("b=c", "b=c"));
    }

    #[test]
    fn other_yaml_is_no_compose_file() {
        for text in ["services:\n  - docker\n", "services:\n  App\\Mailer:\n    arguments: []\n", "a: 1", ""]
        {
            assert!(Compose::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn defaults_are_put_in() {
        for (text, filled, missing, has_default) in [
            ("a${X:-b}c", "abc", None, true),
            ("${X:-${Y:-z}}", "z", None, true),
            ("${X}", "", Some("X"), false),
            ("$X.y", ".y", Some("X"), false),
            ("a$$b", "a$b", None, false),
            ("${X", "", Some("X"), false),
        ] {
            let expected =
                Interpolated { text: filled.to_owned(), missing: missing.map(str::to_owned), has_default };
            assert_eq!(interpolate(text), expected, "{text}");
        }
    }
}
