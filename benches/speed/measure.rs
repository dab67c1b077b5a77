//! Running processes in turn, and their time and memory.

use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Something to measure.
pub(crate) struct Row<'r> {
    name: &'static str,
    command: Box<dyn Fn() -> Command + 'r>,
    runs: Vec<Run>,
}

/// One run of a process.
#[derive(Clone, Copy)]
struct Run {
    wall: Duration,
    cpu: Duration,
    /// Bytes, at the highest, of the largest process of its tree.
    peak: u64,
}

impl<'r> Row<'r> {
    pub(crate) fn new(name: &'static str, command: impl Fn() -> Command + 'r) -> Self {
        Self { name, command: Box::new(command), runs: Vec::new() }
    }

    fn median(&self, of: impl Fn(&Run) -> f64) -> f64 {
        let mut values: Vec<f64> = self.runs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    }
}

/// Rows that are compared.
pub(crate) struct Table<'r> {
    title: String,
    runs: usize,
    only: String,
    rows: Vec<Row<'r>>,
    ratios: Vec<(&'static str, &'static str)>,
}

impl<'r> Table<'r> {
    pub(crate) fn new(title: &str, runs: usize, only: &str) -> Self {
        Self { title: title.to_owned(), runs, only: only.to_owned(), rows: Vec::new(), ratios: Vec::new() }
    }

    pub(crate) fn row(mut self, row: Row<'r>) -> Self {
        let wanted = self.only.is_empty() || row.name.contains(&self.only);
        if wanted && is_installed(&(row.command)()) {
            self.rows.push(row);
        }
        self
    }

    /// Says how many times as long one row takes as another.
    pub(crate) fn ratio(mut self, row: &'static str, to: &'static str) -> Self {
        self.ratios.push((row, to));
        self
    }

    /// Measures and prints, as Markdown.
    pub(crate) fn print(mut self) {
        for run in 0..=self.runs {
            for row in &mut self.rows {
                let measured = measure(&mut (row.command)());
                // The first round only warms the system's cache of files.
                if run > 0 {
                    row.runs.push(measured);
                }
            }
        }
        let mut text = format!(
            "\n## {}\n\n| | wall | fastest | CPU | peak memory |\n|---|---:|---:|---:|---:|\n",
            self.title
        );
        for row in &self.rows {
            let wall = row.median(|run| run.wall.as_secs_f64());
            let fastest = row.runs.iter().map(|run| run.wall.as_secs_f64()).fold(f64::MAX, f64::min);
            let cpu = row.median(|run| run.cpu.as_secs_f64());
            let peak = row.median(|run| run.peak as f64) / f64::from(1 << 20);
            let _ =
                writeln!(text, "| {} | {wall:.3} s | {fastest:.3} s | {cpu:.3} s | {peak:.0} MB |", row.name);
        }
        for (row, to) in &self.ratios {
            let find = |name: &str| self.rows.iter().find(|row| row.name == name);
            if let (Some(a), Some(b)) = (find(row), find(to)) {
                let of = |of: fn(&Run) -> Duration| {
                    a.median(|run| of(run).as_secs_f64()) / b.median(|run| of(run).as_secs_f64())
                };
                let (wall, cpu) = (of(|run| run.wall), of(|run| run.cpu));
                let _ =
                    write!(text, "\n{row} takes {wall:.2} times as long as {to} ({cpu:.2} of its CPU).\n");
            }
        }
        println!("{text}");
    }
}

fn is_installed(command: &Command) -> bool {
    let program = std::path::Path::new(command.get_program());
    let path = std::env::var_os("PATH").unwrap_or_default();
    program.is_absolute() || std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Runs a process to its end.
#[allow(unsafe_code)]
fn measure(command: &mut Command) -> Run {
    let start = Instant::now();
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).spawn();
    let child = child.unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
    let pid = libc::pid_t::try_from(child.id()).expect("process ids are small");
    let mut status = 0;
    // SAFETY: all zeros is a value of this plain structure.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both outlive the call, and nobody else waits for this child.
    let waited = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) };
    assert_eq!(waited, pid, "the child can be waited for");
    let wall = start.elapsed();
    let status = std::process::ExitStatus::from_raw(status);
    // Other scanners end with what they found; only a crash spoils the figure.
    assert!(status.code().is_some(), "{command:?}: {status}");
    let time = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec.unsigned_abs()) + Duration::from_micros(time.tv_usec.unsigned_abs())
    };
    Run { wall, cpu: time(usage.ru_utime) + time(usage.ru_stime), peak: usage.ru_maxrss.unsigned_abs() << 10 }
}
