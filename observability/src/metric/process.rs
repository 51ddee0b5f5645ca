//! What the operating system knows of this process, where it is Linux. Elsewhere the metrics stay empty.

use std::fs;
use std::time::Duration;

use super::{Metric, observe};

/// Clock ticks a second in `/proc`: fixed by Linux for everything that runs on it (`USER_HZ`).
const TICKS: u64 = 100;

/// Has the process's own figures read at each collection.
pub(crate) fn observe_process() {
    observe(Metric::ProcessCpu, |counter| {
        if let Some(time) = read("/proc/self/stat").as_deref().and_then(processor_time) {
            counter.seconds(time, &[]);
        }
    });
    observe(Metric::ProcessMemory, |gauge| {
        if let Some(kibibytes) = status_figure("VmRSS:") {
            gauge.value(kibibytes * 1024, &[]);
        }
    });
    observe(Metric::ProcessThreads, |gauge| {
        if let Some(threads) = status_figure("Threads:") {
            gauge.value(threads, &[]);
        }
    });
    observe(Metric::ProcessFiles, |gauge| {
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            gauge.value(files.count() as u64, &[]);
        }
    });
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

fn status_figure(name: &str) -> Option<u64> {
    figure(&read("/proc/self/status")?, name)
}

/// The number behind `name` in `/proc/self/status`.
fn figure(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// `utime` and `stime` of `/proc/self/stat`: fields 14 and 15. The name before them may hold anything, brackets too.
fn processor_time(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<u64>);
    let sum = ticks.next()?.ok()? + ticks.next()?.ok()?;
    Some(Duration::from_millis(sum * (1_000 / TICKS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A figure that is read from the wrong place looks right, and plans for machines are made by it.
    #[test]
    fn the_figures_are_read_from_where_linux_has_them() {
        let stat = "71 (a b) c) S 1 71 71 0 -1 4194304 9 0 0 0 250 50 7 7 20 0 9 0 100 9 9";
        assert_eq!(processor_time(stat), Some(Duration::from_secs(3)));
        assert_eq!(processor_time("71"), None);
        let status = "Name:\tx\nVmRSS:\t   2048 kB\nThreads:\t9\n";
        assert_eq!((figure(status, "VmRSS:"), figure(status, "Threads:")), (Some(2048), Some(9)));
        assert_eq!(figure(status, "VmSwap:"), None);
    }
}
