//! The plugins of a run: where they come from, and calling them.

use super::host::{Answer, Call, CallError, Code, Host};
use super::manifest::Manifest;
use super::section::{self, NotAPlugin};
use super::wire;
use crate::config::Date;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// A built-in plugin as `build.rs` embeds it.
#[derive(Debug, Clone, Copy)]
pub struct Bundle {
    /// The manifest's JSON.
    pub manifest: &'static [u8],
    /// The pages' JSON.
    pub pages: &'static [u8],
    /// SHA-256 of the component, in hexadecimal.
    pub digest: &'static str,
    /// The component, compiled ahead of time by this very build.
    pub native: &'static [u8],
}

/// Where a plugin came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is part of the executable.
    BuiltIn,
    /// It was given from outside the tree under check.
    Given,
}

/// How a plugin's code is run.
enum Source {
    /// Native code made ahead of time.
    Native(Cow<'static, [u8]>),
    /// A component, to be compiled on first use.
    Component(Vec<u8>),
    /// Something that answers instead: a native build, for tests and benchmarks.
    Stand(Arc<dyn Answers>),
}

/// Answers calls in place of a component: a native build of a plugin. Used by
/// `wardline plugin test` and in benchmarks, never by a check.
pub trait Answers: Send + Sync {
    /// Answers one call, as a new instance with this setup would.
    ///
    /// # Errors
    /// What the plugin says.
    fn answer(&self, setup: &wire::Setup, call: &Call) -> Result<Vec<wire::Report>, CallError>;
}

/// A plugin of a run.
pub struct Plugin {
    /// What it declares.
    pub manifest: Manifest,
    /// Where it came from.
    pub origin: Origin,
    /// Digest of its bytes, in hexadecimal.
    pub digest: String,
    pages: Pages,
    source: Source,
    code: OnceLock<Result<Code, String>>,
    setup: OnceLock<wire::Setup>,
    spent: Spent,
}

enum Pages {
    Json(Cow<'static, [u8]>),
    Component,
}

/// What a plugin cost so far.
#[derive(Debug, Default)]
pub struct Spent {
    calls: AtomicU64,
    fuel: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Spent {
    /// Number of calls.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Units of fuel.
    #[must_use]
    pub fn fuel(&self) -> u64 {
        self.fuel.load(Ordering::Relaxed)
    }

    /// Time in its calls, over all threads.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin")
            .field("id", &self.manifest.id)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Plugin {
    /// A built-in plugin.
    ///
    /// # Panics
    /// When the build embedded something that is not a plugin.
    #[must_use]
    pub fn built_in(bundle: &Bundle) -> Self {
        let manifest = serde_json::from_slice(bundle.manifest).expect("build.rs packs valid manifests only");
        Self {
            origin: Origin::BuiltIn,
            digest: bundle.digest.to_owned(),
            pages: Pages::Json(Cow::Borrowed(bundle.pages)),
            source: Source::Native(Cow::Borrowed(bundle.native)),
            ..Self::new(manifest)
        }
    }

    /// A plugin of these bytes, compiled on first use.
    ///
    /// # Errors
    /// When they are not a plugin for this host.
    pub fn component(bytes: Vec<u8>) -> Result<Self, NotAPlugin> {
        let manifest = section::manifest(&bytes)?;
        Ok(Self { digest: digest(&bytes), source: Source::Component(bytes), ..Self::new(manifest) })
    }

    /// A plugin whose code was compiled already, such as by the compiling child
    /// or found in the cache.
    ///
    /// # Errors
    /// When the bytes are not a plugin for this host.
    pub fn compiled(bytes: &[u8], native: Vec<u8>) -> Result<Self, NotAPlugin> {
        let manifest = section::manifest(bytes)?;
        let pages = section::find(bytes, section::PAGES)?.unwrap_or(b"{}").to_vec();
        Ok(Self {
            digest: digest(bytes),
            pages: Pages::Json(Cow::Owned(pages)),
            source: Source::Native(Cow::Owned(native)),
            ..Self::new(manifest)
        })
    }

    /// The same declarations, answered by a native build.
    #[must_use]
    pub fn stand_in(manifest: Manifest, answers: Arc<dyn Answers>) -> Self {
        Self { source: Source::Stand(answers), ..Self::new(manifest) }
    }

    fn new(manifest: Manifest) -> Self {
        Self {
            manifest,
            origin: Origin::Given,
            digest: String::new(),
            pages: Pages::Component,
            source: Source::Component(Vec::new()),
            code: OnceLock::new(),
            setup: OnceLock::new(),
            spent: Spent::default(),
        }
    }

    /// The pages of its rules, by rule id.
    #[must_use]
    pub fn pages(&self) -> BTreeMap<String, String> {
        match (&self.pages, &self.source) {
            (Pages::Json(json), _) => serde_json::from_slice(json).unwrap_or_default(),
            (Pages::Component, Source::Component(bytes)) => section::pages(bytes).unwrap_or_default(),
            _ => BTreeMap::new(),
        }
    }

    /// Sets options, the rules that are off and the day of the run. Only before
    /// the first call.
    pub fn configure(
        &self,
        options: &serde_json::Map<String, serde_json::Value>,
        rules_off: Vec<u32>,
        date: Option<Date>,
    ) {
        let mut config: serde_json::Map<String, serde_json::Value> =
            self.manifest.config.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        config.extend(options.iter().map(|(key, value)| (key.clone(), value.clone())));
        let mut config = serde_json::Value::Object(config);
        config.sort_all_objects();
        let config = config.to_string();
        let date = date.filter(|_| self.manifest.input.date).map(|date| date.to_string());
        let _ = self.setup.set(wire::Setup { api: super::API_LINE.to_owned(), config, rules_off, date });
    }

    /// What it cost so far.
    #[must_use]
    pub fn spent(&self) -> &Spent {
        &self.spent
    }

    /// Its code, loaded or compiled on first use.
    ///
    /// # Errors
    /// Why it can not be.
    pub fn code(&self) -> Result<&Code, String> {
        let code = self.code.get_or_init(|| match &self.source {
            Source::Native(native) => Host::shared().load_native(native),
            Source::Component(bytes) => Host::shared().compile(bytes),
            Source::Stand(_) => Err("a native build has no component".into()),
        });
        code.as_ref().map_err(Clone::clone)
    }

    /// Calls it.
    ///
    /// # Errors
    /// When there is no verdict.
    pub fn call(&self, call: &Call, cancel: &Arc<AtomicBool>) -> Result<Answer, CallError> {
        let start = Instant::now();
        let answer = match &self.source {
            Source::Stand(answers) => {
                answers.answer(self.setup(), call).map(|reports| Answer { reports, fuel: 0, log: vec![] })
            }
            _ => match self.code() {
                Ok(code) => Host::shared().call(code, self.setup(), call, cancel),
                Err(problem) => Err(CallError::Start(problem)),
            },
        };
        let spent = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.spent.nanoseconds.fetch_add(spent, Ordering::Relaxed);
        self.spent.calls.fetch_add(1, Ordering::Relaxed);
        if let Ok(answer) = &answer {
            self.spent.fuel.fetch_add(answer.fuel, Ordering::Relaxed);
        }
        answer
    }

    fn setup(&self) -> &wire::Setup {
        if self.setup.get().is_none() {
            self.configure(&serde_json::Map::new(), Vec::new(), None);
        }
        self.setup.get().expect("just configured")
    }
}

/// The digest that names a plugin's bytes, in hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    let mut text = String::with_capacity(64);
    for byte in sha2::Sha256::digest(bytes) {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
    }
    text
}
