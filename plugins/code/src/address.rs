//! Decides where an address in code leads: to this machine, into a private
//! network, to a host that stands for one, or out into the world.

/// Ends of names that no public name server knows, or that are kept for
/// examples and tests (RFC 2606, RFC 6761, RFC 6762, RFC 8375).
const NOT_PUBLIC: &[&str] = &[
    ".local",
    ".localhost",
    ".internal",
    ".test",
    ".example",
    ".invalid",
    ".lan",
    ".home",
    ".corp",
    ".intranet",
    ".private",
    ".localdomain",
    ".svc",
    ".cluster.local",
    ".home.arpa",
    ".onion",
    "example.com",
    "example.org",
    "example.net",
    "host.docker.internal",
    ".docker",
];

/// Hosts whose addresses name a vocabulary, a schema or a licence, and are not
/// fetched.
const NAMES_ONLY: &[&str] = &[
    "www.w3.org",
    "w3.org",
    "schemas.microsoft.com",
    "schemas.xmlsoap.org",
    "schemas.openxmlformats.org",
    "schemas.android.com",
    "java.sun.com",
    "xmlns.jcp.org",
    "jakarta.ee",
    "xmlns.com",
    "purl.org",
    "ns.adobe.com",
    "www.apache.org",
    "apache.org",
    "xml.apache.org",
    "maven.apache.org",
    "www.springframework.org",
    "schema.org",
    "www.sitemaps.org",
    "sitemaps.org",
    "search.yahoo.com",
    "www.itunes.com",
    "json-schema.org",
    "www.opengis.net",
    "docs.oasis-open.org",
    "specs.openid.net",
    "www.gnu.org",
    "opensource.org",
    "dublincore.org",
    "rdfs.org",
    "ogp.me",
    "backend.userland.com",
    "activitystrea.ms",
    "joinmastodon.org",
    "hl7.org",
    "relaxng.org",
    "www.omg.org",
];

/// The host of an `http://` or `ws://` address in a literal, if it is written
/// out and public: somewhere an eavesdropper may sit in between.
pub fn cleartext_host(literal: &str) -> Option<&str> {
    let rest = ["http://", "ws://", "HTTP://"]
        .iter()
        .find_map(|scheme| literal.trim_start().strip_prefix(scheme))?;
    let authority = rest.split(['/', '?', '#', ' ', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?;
    is_public(host).then_some(host)
}

/// Whether a host is a whole name or address that others can reach.
fn is_public(host: &str) -> bool {
    let lower = host.to_ascii_lowercase();
    let written_out = !lower.is_empty()
        && lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    // One label is a service of the same network; a dot at an end is half a name.
    if !written_out || !lower.contains('.') || lower.starts_with('.') || lower.ends_with('.') {
        return false;
    }
    if let Some(numbers) = numbers(&lower) {
        return is_public_address(numbers);
    }
    let top = lower.rsplit('.').next().unwrap_or_default();
    let placeholder = [
        "example",
        "yourdomain",
        "your-",
        "mydomain",
        "domain.com",
        "mysite",
        "some",
        "foo.",
        "foobar",
        "host.com",
        "acme.",
        "test.",
    ]
    .iter()
    .any(|part| lower.contains(part));
    top.len() > 1
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !placeholder
        && !NOT_PUBLIC.iter().any(|end| lower.ends_with(end))
        && !NAMES_ONLY.contains(&lower.as_str())
        && !lower.starts_with("schemas.")
        && !lower.starts_with("xmlns.")
        && !lower.starts_with("ns.")
}

/// The four numbers of an IPv4 address.
fn numbers(host: &str) -> Option<[u8; 4]> {
    let mut parts = host.split('.');
    let numbers = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let [Ok(a), Ok(b), Ok(c), Ok(d)] = numbers.map(str::parse) else { return None };
    parts.next().is_none().then_some([a, b, c, d])
}

/// Not of this machine, of a private or link-local network, or for documents
/// (RFC 1918, RFC 3927, RFC 5737, RFC 6598).
fn is_public_address([a, b, c, d]: [u8; 4]) -> bool {
    let private =
        matches!((a, b), (0 | 10 | 127, _) | (172, 16..=31) | (192, 168) | (169, 254) | (100, 64..=127));
    let documents = matches!((a, b, c), (192, 0, 2) | (198, 51, 100) | (203, 0, 113));
    let resolvers = matches!((a, b, c, d), (1, 2, 3, 4) | (1, 1, 1, 1) | (8, 8, 8, 8) | (255, ..));
    !private && !documents && !resolvers && a < 224
}

#[cfg(test)]
mod tests {
    use super::cleartext_host;

    #[test]
    fn public_hosts_are_told_from_others() {
        for address in [
            "http://api.payments.io/v1",
            "http://user@shop.co.uk:8080/x?y",
            "ws://stream.acmebank.com",
            "http://93.184.216.34/x",
        ] {
            assert!(cleartext_host(address).is_some(), "{address}");
        }
        for address in [
            "https://api.payments.io",
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://10.1.2.3/x",
            "http://172.20.0.2",
            "http://192.168.1.1",
            "http://redis:6379",
            "http://db.internal",
            "http://shop.example.com/",
            "http://www.w3.org/2000/svg",
            "http://{host}/x",
            "http://$host",
            "http://%s/",
            "http://",
            "http://api.",
            "http://192.0.2.7",
            "http://foo.bar",
            "see http://api.payments.io",
        ] {
            assert_eq!(cleartext_host(address), None, "{address}");
        }
    }
}
