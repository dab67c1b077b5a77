//! Plugins written by hand: core modules in WebAssembly text, wrapped with the
//! contract's types and assembled when a test runs.
//!
//! They do what no compiler lets a plugin do: loop in `start`, in the allocator
//! or while cleaning up, answer with raw bytes of memory, import what nobody
//! provides.

use crate::support::root;
use std::fmt::Write as _;
use wardline_engine::plugin::pack;
use wardline_engine::plugin::set::Plugin;
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Where the answer of a forged plugin lies in its memory.
pub(crate) const REPLY: u32 = 1024;
/// From here on the allocator gives out memory.
const HEAP: u32 = 1 << 20;

/// The parts of a forged plugin; each starts as something harmless.
pub(crate) struct Forged {
    /// Its id.
    pub(crate) id: String,
    /// Imports of the core module.
    pub(crate) imports: String,
    /// The same in the contract's language.
    pub(crate) world: String,
    /// Packages that the world imports from.
    pub(crate) packages: String,
    /// The version of the contract that it is made for.
    pub(crate) api: String,
    /// The memory's declaration.
    pub(crate) memory: String,
    /// More fields of the module.
    pub(crate) fields: String,
    /// The body of the allocator, which gives an address.
    pub(crate) realloc: String,
    /// The body of `configure`, which gives an address.
    pub(crate) configure: String,
    /// The body of `check-document`, which gives an address.
    pub(crate) check: String,
    /// The body of what is called when the answer was read.
    pub(crate) clean_up: String,
    /// What lies at [`REPLY`].
    pub(crate) reply: Vec<u8>,
    /// Changes to the manifest.
    pub(crate) manifest: serde_json::Value,
    /// Pages by rule.
    pub(crate) pages: serde_json::Value,
}

impl Forged {
    /// A plugin that finds nothing.
    pub(crate) fn new() -> Self {
        Self {
            id: "forged".into(),
            imports: String::new(),
            world: String::new(),
            packages: String::new(),
            api: "0.1.0".into(),
            memory: "(memory (export \"memory\") 32)".into(),
            fields: String::new(),
            realloc: "(local $at i32)
                (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
                (global.set $next (i32.add (local.get $at) (local.get 3)))
                (loop $more
                    (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16)))
                        (then
                            (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
                            (br $more))))
                (local.get $at)"
                .into(),
            configure: "(i32.const 512)".into(),
            check: format!("(i32.const {REPLY})"),
            clean_up: String::new(),
            reply: report(&[]),
            manifest: serde_json::json!({}),
            pages: serde_json::json!({}),
        }
    }

    /// Its core module.
    pub(crate) fn module(&self) -> Vec<u8> {
        let api = &self.api;
        let text = format!(
            "(module
                (@custom \"wardline:manifest\" \"{}\")
                (@custom \"wardline:pages\" \"{}\")
                {}
                {}
                (global $next (mut i32) (i32.const {HEAP}))
                (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) {})
                (func (export \"wardline:plugin/lifecycle@{api}#configure\")
                    (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {})
                (func (export \"wardline:plugin/document-checker@{api}#check-document\")
                    (param i32) (result i32) {})
                (func (export \"cabi_post_wardline:plugin/document-checker@{api}#check-document\")
                    (param i32) {})
                (data (i32.const {REPLY}) \"{}\")
                {})",
            escaped(self.declared().to_string().as_bytes()),
            escaped(self.pages.to_string().as_bytes()),
            self.imports,
            self.memory,
            self.realloc,
            self.configure,
            self.check,
            self.clean_up,
            escaped(&self.reply),
            self.fields,
        );
        let mut module = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"));
        let mut resolve = Resolve::default();
        let contract = std::fs::read_to_string(root().join("wit/v0/wardline.wit")).expect("it is there");
        let contract = contract.replace("wardline:plugin@0.1.0", &format!("wardline:plugin@{api}"));
        resolve.push_str("wardline.wit", &contract).expect("the contract parses");
        let world = format!(
            "package forged:plugin;
            {}
            world forged {{
                {}
                export wardline:plugin/lifecycle@{api};
                export wardline:plugin/document-checker@{api};
            }}",
            self.packages, self.world
        );
        let package = resolve.push_str("forged.wit", &world).expect("the world parses");
        let world = resolve.select_world(&[package], Some("forged")).expect("there is one");
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("it takes types");
        module
    }

    /// The plugin's bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        pack::pack(&self.module()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The plugin.
    pub(crate) fn plugin(&self) -> Plugin {
        Plugin::component(self.bytes()).expect("it is a plugin")
    }

    fn declared(&self) -> serde_json::Value {
        let mut manifest = serde_json::json!({
            "schema": 1, "id": self.id, "version": "0.1.0", "api": "0.1",
            "rule": [{"id": "act", "title": "something forged", "severity": "medium", "confidence": "high", "cwe": [693]}],
            "query": [{
                "id": "act", "rule": 0, "keywords": ["forged"], "captures": ["match"],
                "matcher": {"text": {"regex": "forged[^\\n]*"}},
            }],
        });
        let changes = self.manifest.as_object().expect("changes are an object");
        let members = manifest.as_object_mut().expect("a manifest is an object");
        members.extend(changes.iter().map(|(key, value)| (key.clone(), value.clone())));
        manifest
    }
}

/// Bytes as a string of the text format.
pub(crate) fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 3), |mut text, byte| {
        let _ = write!(text, "\\{byte:02x}");
        text
    })
}

/// Memory as the canonical ABI lays it out, to lie at [`REPLY`].
#[derive(Clone)]
pub(crate) struct Bytes(Vec<u8>);

impl Bytes {
    /// So many zeros.
    pub(crate) fn zeros(length: usize) -> Self {
        Self(vec![0; length])
    }

    /// Puts a word at an offset.
    pub(crate) fn word(mut self, at: usize, word: u32) -> Self {
        self.0[at..at + 4].copy_from_slice(&word.to_le_bytes());
        self
    }

    /// Puts a byte at an offset.
    pub(crate) fn byte(mut self, at: usize, byte: u8) -> Self {
        self.0[at] = byte;
        self
    }

    /// Puts a string's bytes behind everything else and its address and length
    /// at an offset.
    pub(crate) fn string(mut self, at: usize, content: &[u8]) -> Self {
        let address = REPLY + u32::try_from(self.0.len()).expect("small");
        self.0.extend_from_slice(content);
        while self.0.len() % 8 != 0 {
            self.0.push(0);
        }
        let length = u32::try_from(content.len()).expect("small");
        self.word(at, address).word(at + 4, length)
    }

    /// All of it.
    pub(crate) fn done(self) -> Vec<u8> {
        self.0
    }
}

/// Bytes of `result<report, string>`.
pub(crate) const RESULT: usize = 32;
/// Bytes of a finding.
pub(crate) const FINDING: usize = 88;

/// Offsets within a finding.
pub(crate) mod at {
    pub(crate) const RULE: usize = 0;
    pub(crate) const LOCATION: usize = 4;
    pub(crate) const START: usize = 8;
    pub(crate) const END: usize = 12;
    pub(crate) const MESSAGE: usize = 20;
    pub(crate) const SEVERITY: usize = 28;
    pub(crate) const CONFIDENCE: usize = 30;
    pub(crate) const CLASS: usize = 32;
    pub(crate) const SUBJECT: usize = 60;
    pub(crate) const REDACT: usize = 72;
}

/// An answer with these findings: messages with the ranges they are about.
pub(crate) fn report(findings: &[(u32, u32, &[u8])]) -> Vec<u8> {
    findings_at(findings).done()
}

/// The same, to be spoilt: the findings lie behind each other from [`RESULT`].
pub(crate) fn findings_at(findings: &[(u32, u32, &[u8])]) -> Bytes {
    let count = u32::try_from(findings.len()).expect("few");
    let mut bytes = Bytes::zeros(RESULT + FINDING * findings.len())
        .word(4, REPLY + u32::try_from(RESULT).expect("small"))
        .word(8, count);
    for (index, (start, end, message)) in findings.iter().enumerate() {
        let base = RESULT + index * FINDING;
        bytes = bytes
            .byte(base + at::LOCATION, 1)
            .word(base + at::START, *start)
            .word(base + at::END, *end)
            .string(base + at::MESSAGE, message);
    }
    bytes
}

/// A component with more instances of a core module, each started when the
/// component is.
pub(crate) fn with_instances(component: &[u8], module: &str, count: u32) -> Vec<u8> {
    let module = wat::parse_str(module).expect("it parses");
    let modules = wasmparser::Parser::new(0)
        .parse_all(component)
        .map(|payload| payload.expect("it is well formed"))
        .filter(|payload| matches!(payload, wasmparser::Payload::ModuleSection { .. }))
        .count();
    let mut bytes = component.to_vec();
    section(&mut bytes, 1, &module);
    let mut instances = Vec::new();
    leb(&mut instances, count);
    for _ in 0..count {
        instances.push(0);
        leb(&mut instances, u32::try_from(modules).expect("few"));
        instances.push(0);
    }
    section(&mut bytes, 2, &instances);
    bytes
}

fn section(bytes: &mut Vec<u8>, id: u8, content: &[u8]) {
    bytes.push(id);
    leb(bytes, u32::try_from(content.len()).expect("small"));
    bytes.extend_from_slice(content);
}

fn leb(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
