//! The host: one engine for all plugins, and one sandboxed call.
//!
//! Each call gets a fresh instance, its own fuel and its own limits, and the
//! instance is thrown away whatever happens. Fuel decides how long a call may
//! run, so that a verdict never depends on the machine's load; epochs carry
//! cancellation and a backstop in wall-clock time.

use super::wire;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use wasmtime::component::{Component, Instance, InstancePre, Linker};
use wasmtime::{Engine, ResourceLimiter, Store, StoreContextMut, UpdateDeadline};

/// Fuel of one call: about two seconds of an ordinary core.
pub const FUEL: u64 = 2_000_000_000;
/// Memory of one call, summed over its memories.
pub const MEMORY_BYTES: usize = 64 << 20;
/// Table elements of one call, summed over its tables.
pub const TABLE_ELEMENTS: usize = 10_000;
/// Stack that WebAssembly may use.
pub const WASM_STACK_BYTES: usize = 512 << 10;
/// Stack of each thread that runs guests.
pub const THREAD_STACK_BYTES: usize = 8 << 20;
/// Threads that run guests, at most; more than cores only costs.
pub const MOST_THREADS: usize = 256;
/// Data that a call may make the host copy.
pub const LIFTED_BYTES: usize = 8 << 20;
/// Size of a component.
pub const COMPONENT_BYTES: usize = 8 << 20;
/// Functions of a component, summed over its modules.
pub const COMPONENT_FUNCTIONS: u32 = 20_000;
/// Log lines that are kept of a call.
pub const LOG_LINES: usize = 200;
/// Bytes that are kept of a log line.
pub const LOG_LINE_BYTES: usize = 512;
/// Fuel that a log line costs, besides one unit for each byte.
pub const LOG_LINE_FUEL: u64 = 1_000;

const TICK: Duration = Duration::from_millis(10);
/// Ten times what the fuel is worth.
const BACKSTOP_TICKS: u32 = 2_000;
const INSTANCES: usize = 16;
const MEMORIES: usize = 4;
const TABLES: usize = 16;

/// Why a call gave no verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// It used up its fuel.
    OutOfFuel,
    /// It ran longer than the backstop allows.
    Overtime,
    /// The caller gave up on it.
    Cancelled,
    /// It trapped: the trap's name.
    Trap(String),
    /// It sent values that the contract does not allow, or too many.
    BadReply(String),
    /// It said that it can not check this input.
    Refused(String),
    /// It does not accept its configuration.
    BadConfig(String),
    /// It can not be started.
    Start(String),
}

impl CallError {
    /// The notice's code and message.
    #[must_use]
    pub fn describe(&self) -> (&'static str, String) {
        match self {
            Self::OutOfFuel => {
                ("plugin::out_of_fuel", format!("the plugin used up its {FUEL} units of fuel"))
            }
            Self::Overtime => ("plugin::overtime", "the plugin ran far longer than its fuel is worth".into()),
            Self::Cancelled => ("plugin::cancelled", "the call was cancelled".into()),
            Self::Trap(trap) => ("plugin::trap", format!("the plugin trapped: {trap}")),
            Self::BadReply(problem) => {
                ("plugin::bad_reply", format!("the plugin's answer was refused: {problem}"))
            }
            Self::Refused(reason) => ("plugin::refused", format!("the plugin can not check this: {reason}")),
            Self::BadConfig(problem) => {
                ("plugin::bad_config", format!("the plugin refuses its options: {problem}"))
            }
            Self::Start(problem) => ("plugin::start", format!("the plugin can not be started: {problem}")),
        }
    }
}

/// The host's state of one call: its limits and its log.
#[derive(Debug, Default)]
pub struct Guest {
    memory_bytes: usize,
    table_elements: usize,
    log: Vec<String>,
    log_dropped: usize,
}

impl ResourceLimiter for Guest {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // One memory of 64 MiB and sixty-four of 1 MiB are the same to us.
        let total = self.memory_bytes.saturating_add(desired.saturating_sub(current));
        let fits = total <= MEMORY_BYTES;
        if fits {
            self.memory_bytes = total;
        }
        Ok(fits)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.table_elements.saturating_add(desired.saturating_sub(current));
        let fits = total <= TABLE_ELEMENTS;
        if fits {
            self.table_elements = total;
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }

    fn tables(&self) -> usize {
        TABLES
    }
}

impl Guest {
    fn log(&mut self, level: wire::log::Level, message: &str) {
        if self.log.len() >= LOG_LINES {
            self.log_dropped += 1;
            return;
        }
        let end = message.floor_char_boundary(LOG_LINE_BYTES);
        self.log.push(format!("{level:?}: {}", &message[..end]).to_lowercase());
    }
}

/// Takes a line of a guest's log. It costs fuel as the work of the guest does,
/// or a loop of calls would hardly cost any.
fn log(
    mut store: StoreContextMut<'_, Guest>,
    (level, message): (wire::log::Level, String),
) -> wasmtime::Result<()> {
    let price = LOG_LINE_FUEL + message.len() as u64;
    let left = store.get_fuel()?;
    store.set_fuel(left.saturating_sub(price))?;
    store.data_mut().log(level, &message);
    Ok(())
}

/// The settings of the WebAssembly engine, the same for every plugin, every
/// command and the build of the built-ins.
///
/// # Panics
/// Never: the settings are constant and valid together.
#[must_use]
pub fn engine(for_baseline_cpu: bool) -> Engine {
    let mut config = wasmtime::Config::new();
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK_BYTES)
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .wasm_custom_page_sizes(false)
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .native_unwind_info(false)
        .memory_init_cow(true);
    if for_baseline_cpu {
        config.target(&target()).expect("the target that this was built for is supported");
    }
    Engine::new(&config).expect("the settings are valid together")
}

/// The platform, without any CPU features beyond its baseline.
fn target() -> String {
    let arch = std::env::consts::ARCH;
    match std::env::consts::OS {
        "macos" => format!("{arch}-apple-darwin"),
        "windows" => format!("{arch}-pc-windows-msvc"),
        _ => format!("{arch}-unknown-linux-gnu"),
    }
}

/// Compiles a component ahead of time. The result is native code, to be loaded
/// by [`Host::load_native`] of the same build only.
///
/// # Errors
/// When the component is not valid.
pub fn compile_ahead(component: &[u8], for_baseline_cpu: bool) -> Result<Vec<u8>, String> {
    engine(for_baseline_cpu).precompile_component(component).map_err(|error| format!("{error:#}"))
}

/// One engine, one linker, one clock for all plugins.
pub struct Host {
    engine: Engine,
    linker: Linker<Guest>,
    clock: Arc<Clock>,
    compiled: AtomicUsize,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("compiled", &self.compiled).finish_non_exhaustive()
    }
}

/// A plugin's code, ready to be instantiated.
pub struct Code {
    pre: InstancePre<Guest>,
    lifecycle: wire::lifecycle::GuestIndices,
    document: Option<wire::document_checker::GuestIndices>,
    stack: Option<wire::stack_checker::GuestIndices>,
    flows: Option<wire::flow_checker::GuestIndices>,
    correlator: Option<wire::correlator::GuestIndices>,
    /// Imports that are never provided; calling one is a trap.
    pub unknown_imports: Vec<String>,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Code").field("unknown_imports", &self.unknown_imports).finish_non_exhaustive()
    }
}

/// What a call to a plugin carries.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    /// A document with its matches.
    CheckDocument(wire::Document),
    /// Resources.
    CheckStack(wire::Stack),
    /// Flows and the places that they refer to.
    CheckFlows(Vec<wire::Place>, Vec<wire::Flow>),
    /// Groups of facts.
    Correlate(Vec<wire::FactGroup>),
}

/// What a call gave.
#[derive(Debug)]
pub struct Answer {
    /// One report, or one for each group of facts.
    pub reports: Vec<wire::Report>,
    /// Units of fuel used.
    pub fuel: u64,
    /// What the plugin said to its author.
    pub log: Vec<String>,
}

impl Host {
    /// The host of this process.
    #[must_use]
    pub fn shared() -> &'static Self {
        static HOST: OnceLock<Host> = OnceLock::new();
        HOST.get_or_init(Self::new)
    }

    fn new() -> Self {
        let engine = engine(false);
        let mut linker = Linker::new(&engine);
        linker
            .instance("wardline:plugin/log@0.1.0")
            .and_then(|mut interface| interface.func_wrap("log", log))
            .expect("an empty linker takes the log");
        let clock = Clock::start(&engine);
        Self { engine, linker, clock, compiled: AtomicUsize::new(0) }
    }

    /// How many components this process compiled; built-ins never count.
    #[must_use]
    pub fn compiled(&self) -> usize {
        self.compiled.load(Ordering::Relaxed)
    }

    /// A key of everything that compiled code depends on besides the component.
    #[must_use]
    pub fn compatibility(&self) -> String {
        use std::hash::{Hash, Hasher};
        struct Digest(blake3::Hasher);
        impl Hasher for Digest {
            fn write(&mut self, bytes: &[u8]) {
                self.0.update(bytes);
            }
            fn finish(&self) -> u64 {
                0
            }
        }
        let mut digest = Digest(blake3::Hasher::new());
        self.engine.precompile_compatibility_hash().hash(&mut digest);
        digest.0.finalize().to_hex().to_string()
    }

    /// Compiles a component.
    ///
    /// # Errors
    /// When it is not valid, or does not fit the contract.
    pub fn compile(&self, component: &[u8]) -> Result<Code, String> {
        self.compiled.fetch_add(1, Ordering::Relaxed);
        let component =
            Component::from_binary(&self.engine, component).map_err(|error| format!("{error:#}"))?;
        self.link(&component)
    }

    /// Loads what [`compile_ahead`] made.
    ///
    /// The bytes are native code and run as such: pass only what this build
    /// embeds, or what the cache vouches for.
    ///
    /// # Errors
    /// When they were made by another build.
    #[allow(unsafe_code)]
    pub fn load_native(&self, native: &[u8]) -> Result<Code, String> {
        // SAFETY: the callers pass bytes from the executable itself or from a
        // cache entry whose keyed digest they have just verified.
        let component =
            unsafe { Component::deserialize(&self.engine, native) }.map_err(|error| format!("{error:#}"))?;
        self.link(&component)
    }

    fn link(&self, component: &Component) -> Result<Code, String> {
        let kind = component.component_type();
        let ours = |name: &str| name.starts_with("wardline:plugin/");
        let unknown_imports: Vec<String> =
            kind.imports(&self.engine).map(|(name, _)| name.to_owned()).filter(|name| !ours(name)).collect();
        for (name, _) in kind.imports(&self.engine).chain(kind.exports(&self.engine)) {
            version_fits(name)?;
        }
        let mut linker = self.linker.clone();
        if !unknown_imports.is_empty() {
            linker.define_unknown_imports_as_traps(component).map_err(|error| format!("{error:#}"))?;
        }
        let pre = linker.instantiate_pre(component).map_err(|error| format!("{error:#}"))?;
        let has = |interface: &str| {
            let start = format!("wardline:plugin/{interface}@");
            kind.exports(&self.engine).any(|(name, _)| name.starts_with(&start))
        };
        macro_rules! optional {
            ($interface:literal, $module:ident) => {
                if has($interface) {
                    Some(wire::$module::GuestIndices::new(&pre).map_err(|error| format!("{error:#}"))?)
                } else {
                    None
                }
            };
        }
        let code = Code {
            lifecycle: wire::lifecycle::GuestIndices::new(&pre)
                .map_err(|_| "it does not export `wardline:plugin/lifecycle`".to_owned())?,
            document: optional!("document-checker", document_checker),
            stack: optional!("stack-checker", stack_checker),
            flows: optional!("flow-checker", flow_checker),
            correlator: optional!("correlator", correlator),
            unknown_imports,
            pre,
        };
        Ok(code)
    }

    /// Calls a plugin on a fresh instance. Only on a thread of [`Workers`].
    ///
    /// # Errors
    /// When there is no verdict; the instance is gone in any case.
    pub fn call(
        &self,
        code: &Code,
        setup: &wire::Setup,
        call: &Call,
        cancel: &Arc<AtomicBool>,
    ) -> Result<Answer, CallError> {
        if !Workers::is_current() {
            return Err(CallError::Start("guests run on threads with a large enough stack only".into()));
        }
        let mut store = Store::new(&self.engine, Guest::default());
        store.limiter(|guest| guest);
        store.set_fuel(FUEL).map_err(|error| CallError::Start(error.to_string()))?;
        store.set_hostcall_fuel(LIFTED_BYTES);
        let stopped = Arc::new(AtomicUsize::new(RUNNING));
        let (cancel, reason) = (Arc::clone(cancel), Arc::clone(&stopped));
        let mut ticks = 0;
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            ticks += 1;
            if cancel.load(Ordering::Relaxed) {
                reason.store(CANCELLED, Ordering::Relaxed);
                return Err(wasmtime::Error::msg("cancelled"));
            }
            if ticks >= BACKSTOP_TICKS {
                reason.store(OVERTIME, Ordering::Relaxed);
                return Err(wasmtime::Error::msg("overtime"));
            }
            Ok(UpdateDeadline::Continue(1))
        });
        let _running = self.clock.run();
        let outcome = self.run(&mut store, code, setup, call);
        let fuel = FUEL - store.get_fuel().unwrap_or_default();
        match outcome {
            Ok(reports) => {
                let guest = store.into_data();
                let mut log = guest.log;
                if guest.log_dropped > 0 {
                    log.push(format!("and {} more lines", guest.log_dropped));
                }
                Ok(Answer { reports, fuel, log })
            }
            Err(Failed::Known(error)) => Err(error),
            Err(Failed::Wasm(error)) => Err(explain(&error, stopped.load(Ordering::Relaxed))),
        }
    }

    fn run(
        &self,
        store: &mut Store<Guest>,
        code: &Code,
        setup: &wire::Setup,
        call: &Call,
    ) -> Result<Vec<wire::Report>, Failed> {
        let instance =
            code.pre.instantiate(&mut *store).map_err(|error| match error.is::<wasmtime::Trap>() {
                true => Failed::Wasm(error),
                // It asks for more memories, tables or instances than there are.
                false => Failed::Known(CallError::Start(format!("{error:#}"))),
            })?;
        let lifecycle = code.lifecycle.load(&mut *store, &instance)?;
        if let Err(problems) = lifecycle.call_configure(&mut *store, setup)? {
            let problem = problems
                .first()
                .map_or_else(String::new, |problem| format!("{} at `{}`", problem.message, problem.at));
            return Err(Failed::Known(CallError::BadConfig(problem)));
        }
        let reply = answer(store, code, &instance, call)?;
        reply.map_err(|reason| Failed::Known(CallError::Refused(reason)))
    }
}

fn answer(
    store: &mut Store<Guest>,
    code: &Code,
    instance: &Instance,
    call: &Call,
) -> Result<Result<Vec<wire::Report>, String>, Failed> {
    fn load<'i, I>(indices: &'i Option<I>, interface: &str) -> Result<&'i I, Failed> {
        let missing = || CallError::Start(format!("it does not export `wardline:plugin/{interface}`"));
        indices.as_ref().ok_or_else(|| Failed::Known(missing()))
    }
    Ok(match call {
        Call::CheckDocument(document) => load(&code.document, "document-checker")?
            .load(&mut *store, instance)?
            .call_check_document(&mut *store, document)?
            .map(|report| vec![report]),
        Call::CheckStack(stack) => load(&code.stack, "stack-checker")?
            .load(&mut *store, instance)?
            .call_check_stack(&mut *store, stack)?
            .map(|report| vec![report]),
        Call::CheckFlows(places, flows) => load(&code.flows, "flow-checker")?
            .load(&mut *store, instance)?
            .call_check_flows(&mut *store, places, flows)?
            .map(|report| vec![report]),
        Call::Correlate(groups) => load(&code.correlator, "correlator")?
            .load(&mut *store, instance)?
            .call_correlate(&mut *store, groups)?,
    })
}

const RUNNING: usize = 0;
const CANCELLED: usize = 1;
const OVERTIME: usize = 2;

enum Failed {
    Known(CallError),
    Wasm(wasmtime::Error),
}

impl From<wasmtime::Error> for Failed {
    fn from(error: wasmtime::Error) -> Self {
        Self::Wasm(error)
    }
}

fn explain(error: &wasmtime::Error, stopped: usize) -> CallError {
    match stopped {
        CANCELLED => return CallError::Cancelled,
        OVERTIME => return CallError::Overtime,
        _ => {}
    }
    match error.downcast_ref::<wasmtime::Trap>() {
        Some(wasmtime::Trap::OutOfFuel) => CallError::OutOfFuel,
        Some(trap) => CallError::Trap(trap.to_string()),
        None => match format!("{error:#}") {
            called if called.starts_with("unknown import: ") => CallError::Trap(called),
            // The value could not be lifted, or a limit was hit.
            problem => CallError::BadReply(problem),
        },
    }
}

/// An import or export of ours must be of the version that this host speaks.
fn version_fits(name: &str) -> Result<(), String> {
    let Some((interface, version)) =
        name.strip_prefix("wardline:plugin/").and_then(|rest| rest.split_once('@'))
    else {
        return Ok(());
    };
    let line = version.rsplit_once('.').map_or(version, |(line, _)| line);
    if line == super::API_LINE {
        return Ok(());
    }
    let number =
        |line: &str| line.split('.').map(|part| part.parse::<u32>().unwrap_or(0)).collect::<Vec<_>>();
    let side = if number(line) > number(super::API_LINE) {
        "update Wardline"
    } else {
        "rebuild the plugin with a newer SDK"
    };
    Err(format!(
        "its `{interface}` is of `wardline:plugin@{line}`, and this Wardline speaks `{}`: {side}",
        super::API_LINE
    ))
}

/// Ticks the epoch while calls run, and sleeps otherwise.
struct Clock {
    running: Mutex<usize>,
    changed: Condvar,
}

impl Clock {
    fn start(engine: &Engine) -> Arc<Self> {
        let clock = Arc::new(Self { running: Mutex::new(0), changed: Condvar::new() });
        let (weak, engine) = (Arc::downgrade(&clock), engine.weak());
        let tick = move || {
            while let (Some(clock), Some(engine)) = (weak.upgrade(), engine.upgrade()) {
                let mut running = clock.running.lock().unwrap_or_else(PoisonError::into_inner);
                while *running == 0 {
                    running = clock.changed.wait(running).unwrap_or_else(PoisonError::into_inner);
                }
                drop(running);
                engine.increment_epoch();
                std::thread::sleep(TICK);
            }
        };
        // Without the clock there is still the fuel; only cancellation is lost.
        let _ = std::thread::Builder::new().name("wardline-clock".into()).stack_size(128 << 10).spawn(tick);
        clock
    }

    fn run(&self) -> Running<'_> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        *running += 1;
        if *running == 1 {
            self.changed.notify_one();
        }
        Running(self)
    }
}

struct Running<'c>(&'c Clock);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *self.0.running.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
    }
}

thread_local! {
    static IS_WORKER: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Threads that may run guests: their stack has room for the WebAssembly stack
/// and the host above it.
#[derive(Debug)]
pub struct Workers(rayon::ThreadPool);

impl Workers {
    /// Starts `threads` threads, or one for each core if 0; never more than
    /// [`MOST_THREADS`].
    ///
    /// # Errors
    /// When the system gives no threads at all.
    pub fn start(threads: usize) -> Result<Self, String> {
        let build = |threads: usize| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads.min(MOST_THREADS))
                .thread_name(|index| format!("wardline-{index}"))
                .stack_size(THREAD_STACK_BYTES)
                .start_handler(|_| IS_WORKER.set(true))
                .build()
        };
        // A system that is short of threads may still have one.
        build(threads).or_else(|_| build(1)).map(Self).map_err(|error| error.to_string())
    }

    /// Runs something on these threads.
    pub fn run<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.0.install(work)
    }

    /// Number of threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.0.current_num_threads()
    }

    fn is_current() -> bool {
        IS_WORKER.get()
    }
}
