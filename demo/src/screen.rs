//! What a person sees: one line a step, in colour where the terminal can.

use std::io::{self, IsTerminal, Stdout, Write};
use std::time::Duration;

/// How lines are decorated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Palette {
    Colour,
    Plain,
}

/// Standard output, line by line.
#[derive(Debug)]
pub(crate) struct Screen {
    palette: Palette,
    out: Stdout,
}

impl Screen {
    /// Colours are used on a terminal, unless `NO_COLOR` is set (<https://no-color.org>) or `TERM` is `dumb`.
    pub(crate) fn detect() -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colour = io::stdout().is_terminal() && !dumb && !refused;
        let palette = if colour { Palette::Colour } else { Palette::Plain };
        Self { palette, out: io::stdout() }
    }

    /// A line as it is, for other programs to read.
    pub(crate) fn line(&self, text: &str) -> io::Result<()> {
        let mut out = self.out.lock();
        writeln!(out, "{text}")?;
        out.flush()
    }

    pub(crate) fn heading(&self, text: &str) -> io::Result<()> {
        self.line(&format!("\n{}", self.paint("1", text)))
    }

    /// A step that went well: its name, how long it took, and what happened.
    pub(crate) fn step(&self, name: &str, took: Duration, what: &str) -> io::Result<()> {
        let mark = self.paint("32", "✓");
        let name = self.paint("1", &format!("{name:<21}"));
        let time = self.paint("36", &format!("{:>8.1} ms", took.as_secs_f64() * 1_000.0));
        self.line(&format!("  {mark} {name} {time}  {what}"))
    }

    /// A detail below a step.
    pub(crate) fn detail(&self, text: &str) -> io::Result<()> {
        self.line(&format!("                                       {}", self.paint("2", text)))
    }

    /// Text to copy.
    pub(crate) fn copyable(&self, text: &str) -> io::Result<()> {
        for line in text.lines() {
            self.line(&format!("    {}", self.paint("33", line)))?;
        }
        Ok(())
    }

    fn paint(&self, code: &str, text: &str) -> String {
        match self.palette {
            Palette::Colour => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Palette::Plain => text.to_owned(),
        }
    }
}
