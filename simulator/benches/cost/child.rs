//! A server that is measured: a role of this program, which says `ready <address>` and serves until its input ends.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// `USER_HZ`, which Linux fixes at 100 for what it shows in `/proc`.
const MICROSECONDS_PER_TICK: f64 = 10_000.0;

pub(crate) struct Measured {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Measured {
    /// Starts a role; `line` is the first line of its input.
    pub(crate) fn start(role: &[&str], line: &str) -> io::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.as_mut().ok_or_else(|| io::Error::other("no input"))?;
        writeln!(input, "{line}")?;
        let output = process.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        let mut said = String::new();
        BufReader::new(output).read_line(&mut said)?;
        let address = said.trim().strip_prefix("ready ").and_then(|address| address.parse().ok());
        let address = address.ok_or_else(|| io::Error::other(format!("the child said {said:?}")))?;
        Ok(Self { process, address })
    }

    /// Processor time used so far, user and system.
    pub(crate) fn cpu_microseconds(&self) -> io::Result<f64> {
        let stat = self.proc("stat")?;
        // The second field, the name in parentheses, may hold spaces: count from behind it.
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
        let ticks: u32 = fields.skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
        Ok(f64::from(ticks) * MICROSECONDS_PER_TICK)
    }

    pub(crate) fn resident_mib(&self) -> io::Result<u64> {
        let status = self.proc("status")?;
        let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = kib.and_then(|value| value.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        kib.map(|kib| kib >> 10).ok_or_else(|| io::Error::other("no VmRSS"))
    }

    fn proc(&self, file: &str) -> io::Result<String> {
        fs::read_to_string(format!("/proc/{}/{file}", self.process.id()))
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It ends with its input.
        drop(self.process.wait());
    }
}
