//! Passwords and secrets of a Compose service: which are literal, which are
//! guessed at once, and whether the service asks for them or only gives them.

use crate::compose::{Service, Text, Variable, interpolate};
use crate::secret::{self, Held};

/// A literal password or secret of a service.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The variable.
    pub name: String,
    /// The value with defaults put in.
    pub value: String,
    /// As written.
    pub text: Text,
    /// Whether it only stands in for a variable that is missing.
    pub is_default: bool,
    /// Whether everybody tries it first.
    pub is_weak: bool,
}

/// The literal passwords and secrets among the variables of a service.
#[must_use]
pub fn of_service(service: &Service, others: &[&str]) -> Vec<Credential> {
    let environment = service.environment();
    let all = environment.iter().chain(&service.build_arguments()).cloned().collect::<Vec<_>>();
    all.into_iter()
        .filter_map(|variable| {
            let text = variable.value.clone()?;
            let filled = interpolate(&text.text);
            if filled.missing.is_some() || !secret::is_secret_name(&variable.name) {
                return None;
            }
            let held = secret::held(&variable.name, &filled.text);
            let is_name = is_name(&filled.text, service, &environment, others);
            if held.is_none() && !is_name {
                return None;
            }
            let is_weak = held == Some(Held::Weak) || is_name;
            Some(Credential {
                name: variable.name,
                value: filled.text,
                text,
                is_default: filled.has_default,
                is_weak,
            })
        })
        .collect()
}

/// Whether a value is a name that stands beside it: the user, the database, the
/// service, another service.
fn is_name(value: &str, service: &Service, environment: &[Variable], others: &[&str]) -> bool {
    let value = value.to_ascii_lowercase();
    if value.is_empty() {
        return false;
    }
    let names_something = |name: &str| {
        let name = name.to_ascii_uppercase();
        ["USER", "DB", "DATABASE", "NAME", "_ID", "HOST"].iter().any(|word| name.contains(word))
            && !secret::is_secret_name(&name)
    };
    let in_environment = environment.iter().any(|other| {
        let text = other.value.as_ref().map(|text| interpolate(&text.text).text.to_ascii_lowercase());
        names_something(&other.name) && text.is_some_and(|text| text == value)
    });
    let in_image = service.image().is_some_and(|image| {
        let name = image
            .text
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .split([':', '@'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        name == value
    });
    in_environment
        || in_image
        || service.name.eq_ignore_ascii_case(&value)
        || others.iter().any(|other| other.eq_ignore_ascii_case(&value))
}

/// Whether the service itself asks for the password in a variable, rather than
/// giving it to another one: `POSTGRES_PASSWORD` of an image of PostgreSQL.
#[must_use]
pub fn is_own(service: &Service, variable: &str) -> bool {
    const OWN: &[(&str, &[&str])] = &[
        ("POSTGRES", &["postgres", "postgis", "timescale", "pgvector"]),
        ("MYSQL_", &["mysql", "mariadb", "percona"]),
        ("MARIADB_", &["mysql", "mariadb"]),
        ("MONGO", &["mongo"]),
        ("ME_CONFIG_", &["mongo-express"]),
        ("RABBITMQ_", &["rabbitmq"]),
        ("REDIS_", &["redis", "valkey"]),
        ("MINIO_", &["minio"]),
        ("GF_", &["grafana"]),
        ("KEYCLOAK_", &["keycloak"]),
        ("KC_", &["keycloak"]),
        ("ELASTIC", &["elasticsearch"]),
        ("OPENSEARCH_", &["opensearch"]),
        ("PGADMIN_", &["pgadmin"]),
        ("NEO4J_", &["neo4j"]),
        ("SA_", &["mssql", "sql-server", "azure-sql", "sqlserver"]),
        ("MSSQL_", &["mssql", "sql-server", "azure-sql", "sqlserver"]),
        ("COUCHDB_", &["couchdb"]),
        ("INFLUXDB_", &["influxdb"]),
        ("DOCKER_INFLUXDB_", &["influxdb"]),
        ("CLICKHOUSE_", &["clickhouse"]),
        ("ARANGO_", &["arangodb"]),
    ];
    let variable = variable.to_ascii_uppercase();
    let image = service.image().map(|image| image.text.to_ascii_lowercase()).unwrap_or_default();
    let name = image.rsplit('/').next().unwrap_or_default();
    variable.contains("ADMIN")
        || OWN.iter().any(|(start, images)| {
            variable.starts_with(start)
                && images.iter().any(|known| name.contains(known) || image.contains(known))
        })
}
