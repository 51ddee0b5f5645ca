//! The measured processes: started by this one, read through `/proc`, and ended by it.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A child that has said where it listens.
#[derive(Debug)]
pub(crate) struct Measured {
    process: Child,
    pub(crate) address: SocketAddr,
    /// Where its metrics are, if it has any.
    pub(crate) operations: Option<SocketAddr>,
}

impl Measured {
    /// Starts `command` and waits for its first line, `ready <address>`, or `ready <address> <address of operations>`.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or_else(|| io::Error::other("no output of the child"))?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let mut addresses = line
            .strip_prefix("ready ")
            .unwrap_or_default()
            .split_whitespace()
            .map(|address| address.parse().ok());
        let (Some(address), operations) = (addresses.next().flatten(), addresses.next().flatten()) else {
            process.kill()?;
            return Err(io::Error::other(format!("the child said {line:?}")));
        };
        Ok(Self { process, address, operations })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// A role of this very program.
    pub(crate) fn role(role: &str, arguments: &[String]) -> io::Result<Self> {
        Self::start(Command::new(std::env::current_exe()?).arg(role).args(arguments))
    }

    /// Processor time used so far, user and system.
    pub(crate) fn cpu_time(&self) -> io::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The second field, the name in parentheses, may hold spaces: count from behind it.
        let fields: Vec<&str> =
            stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        Ok(Duration::from_millis((ticks(11) + ticks(12)) * 1_000 / TICKS_PER_SECOND))
    }

    /// Resident memory in bytes.
    pub(crate) fn resident(&self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let kib = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|value| value.trim().strip_suffix(" kB"))
            .and_then(|value| value.trim().parse::<u64>().ok())
            .ok_or_else(|| io::Error::other("no VmRSS"))?;
        Ok(kib * 1024)
    }

    /// Asks the child to end, by closing its input, and waits for it.
    pub(crate) fn stop(mut self) -> io::Result<()> {
        drop(self.process.stdin.take());
        self.process.wait().map(drop)
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        // Reached with a running child on an error path alone.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// `USER_HZ`, which Linux fixes at 100 for what it shows in `/proc`.
const TICKS_PER_SECOND: u64 = 100;
