//! A plugin as a native program: it answers the same calls, as JSON lines over
//! its standard input and output, and can be watched by a debugger.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use wardline_engine::plugin::host::{Call, CallError};
use wardline_engine::plugin::set::Answers;
use wardline_engine::plugin::wire::{Report, Setup};

/// A native build, started when first asked and again after a crash.
#[derive(Debug)]
pub(super) struct Native {
    program: PathBuf,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Native {
    pub(super) fn new(program: PathBuf) -> Self {
        Self { program, running: Mutex::new(None) }
    }

    fn start(&self) -> Result<Running, CallError> {
        let failed = |error: std::io::Error| CallError::Start(format!("{}: {error}", self.program.display()));
        let mut child = Command::new(&self.program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let input = child.stdin.take().expect("it was asked for a pipe");
        let output = BufReader::new(child.stdout.take().expect("it was asked for a pipe"));
        Ok(Running { child, input, output })
    }
}

impl Answers for Native {
    fn answer(&self, setup: &Setup, call: &Call) -> Result<Vec<Report>, CallError> {
        let mut slot = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut running = match slot.take() {
            Some(running) => running,
            None => self.start()?,
        };
        let call = serde_json::to_string(&(setup, call)).expect("a call is plain data");
        let reply = match running.ask(&call) {
            Ok(reply) => reply,
            Err(error) => {
                let status =
                    running.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
                return Err(CallError::Trap(format!("the native build ended ({status}): {error}")));
            }
        };
        *slot = Some(running);
        let reply: Result<Vec<Report>, String> = serde_json::from_str(&reply)
            .map_err(|error| CallError::BadReply(format!("the native build answered no report: {error}")))?;
        reply.map_err(CallError::Refused)
    }
}

impl Running {
    fn ask(&mut self, call: &str) -> std::io::Result<String> {
        writeln!(self.input, "{call}")?;
        self.input.flush()?;
        let mut reply = String::new();
        match self.output.read_line(&mut reply)? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(reply),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It holds nothing that could be lost, and may be in the middle of a loop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
