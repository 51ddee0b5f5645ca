//! What a person sees: one line a step, in colour where the terminal can.

use std::io::{self, IsTerminal, Stdout, Write};
use std::time::Duration;

/// Columns of the narrowest terminal that the visit is laid out for.
const WIDTH: usize = 80;

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

    /// A line as it is, for other programs to read. What cannot be shown any more is left out: the demo serves all the
    /// same.
    pub(crate) fn line(&self, text: &str) {
        let mut out = self.out.lock();
        drop(writeln!(out, "{text}").and_then(|()| out.flush()));
    }

    pub(crate) fn heading(&self, text: &str) {
        self.line(&format!("\n{}", self.paint("1", text)));
    }

    /// A step that went well: its name, how long it took, and what happened.
    pub(crate) fn step(&self, name: &str, took: Duration, what: &str) {
        let mark = self.paint("32", "✓");
        let name = self.paint("1", &format!("{name:<21}"));
        let time = self.paint("36", &format!("{:>8.1} ms", took.as_secs_f64() * 1_000.0));
        self.line(&format!("  {mark} {name} {time}  {what}"));
    }

    /// The step with which it went no further.
    pub(crate) fn failure(&self, what: &str) {
        for (place, line) in wrapped(what, WIDTH - 4).iter().enumerate() {
            let mark = if place == 0 { "✗" } else { " " };
            self.line(&format!("  {} {line}", self.paint("31", mark)));
        }
    }

    /// A detail below a step.
    pub(crate) fn detail(&self, text: &str) {
        for line in wrapped(text, WIDTH - 6) {
            self.line(&format!("      {}", self.paint("2", &line)));
        }
    }

    /// Text to copy.
    pub(crate) fn copyable(&self, text: &str) {
        for line in text.lines() {
            self.line(&format!("    {}", self.paint("33", line)));
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        match self.palette {
            Palette::Colour => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Palette::Plain => text.to_owned(),
        }
    }
}

/// The text in lines of at most `width` characters, broken between words; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, a terminal would break lines anywhere, or an address could not be copied.
    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(
            wrapped("get_me, search, read", 11),
            ["get_me,", "search,", "read"].map(str::to_owned)[..]
        );
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(
            wrapped("see http://127.0.0.1:8081/address end", 10),
            ["see", "http://127.0.0.1:8081/address", "end"]
        );
        assert!(wrapped("", 10).is_empty());
    }
}
