//! Instructions, as callgrind counts them: repeatable, whatever else the machine does.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::child::Measured;

/// Whether valgrind can be run here to count `what`. A contributor who lacks it is told what is skipped; in CI that is an
/// error.
pub(crate) fn is_there(what: &str) -> io::Result<bool> {
    let installed =
        Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if installed.is_ok_and(|status| status.success()) {
        return Ok(true);
    }
    if std::env::var_os("CI").is_some_and(|ci| ci == "true") {
        return Err(io::Error::other(format!("{what}: valgrind is missing")));
    }
    writeln!(io::stdout(), "skipped: {what} (apt-get install valgrind)")?;
    Ok(false)
}

/// When it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counting {
    Always,
    /// Between [`Counted::go`] and [`Counted::pause`]; meanwhile the process runs several times faster.
    OnDemand,
}

/// A process of this very program whose instructions are counted.
pub(crate) struct Counted {
    pub(crate) process: Measured,
    profile: PathBuf,
}

impl Counted {
    /// Starts a role.
    pub(crate) fn role(role: &str, arguments: &[String], counting: Counting) -> io::Result<Self> {
        let profile = std::env::temp_dir().join(format!("callgrind-{}-{role}", std::process::id()));
        let at_start = match counting {
            Counting::Always => "--instr-atstart=yes",
            Counting::OnDemand => "--instr-atstart=no",
        };
        let process = Measured::start(
            Command::new("valgrind")
                .args(["--tool=callgrind", "--quiet", at_start])
                .arg(format!("--callgrind-out-file={}", profile.display()))
                .arg(std::env::current_exe()?)
                .arg(role)
                .args(arguments)
                .stderr(Stdio::null()),
        )?;
        Ok(Self { process, profile })
    }

    pub(crate) fn go(&self) -> io::Result<()> {
        self.instrument("on")
    }

    pub(crate) fn pause(&self) -> io::Result<()> {
        self.instrument("off")
    }

    fn instrument(&self, state: &str) -> io::Result<()> {
        // By itself: `callgrind_control` reports success even where it finds no process.
        let mut control = Command::new("vgdb");
        control.arg(format!("--pid={}", self.process.id())).args(["instrumentation", state]);
        if control.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
            return Ok(());
        }
        Err(io::Error::other("vgdb could not reach the process"))
    }

    /// Ends the process, and gives what was counted.
    pub(crate) fn stop(self) -> io::Result<u64> {
        self.process.stop()?;
        let text = fs::read_to_string(&self.profile)?;
        fs::remove_file(&self.profile)?;
        text.lines()
            // The summary at the beginning is nought where counting was paused at the end.
            .find_map(|line| line.strip_prefix("totals: "))
            .and_then(|total| total.split_whitespace().next()?.parse().ok())
            .ok_or_else(|| io::Error::other("callgrind counted nothing"))
    }
}
