//! Writes what is read of a document, piece by piece: as Markdown, or as text without marks.

use crate::tools::text_form::TextForm;

/// Levels of lists and quotes that are shown; deeper ones look like the deepest.
const DEEPEST: usize = 8;

/// What is owed before the next text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Break {
    None,
    Line,
    Blank,
}

/// A text as it grows.
#[derive(Debug)]
pub(super) struct Writer {
    form: TextForm,
    out: String,
    /// What each line of an open quote or list item begins with.
    prefixes: Vec<&'static str>,
    /// Deeper levels than are shown.
    swallowed: usize,
    /// Takes the place of the innermost prefix on the next line.
    marker: Option<String>,
    owed: Break,
    space: bool,
    link: Link,
}

/// Where the words of the open link begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    None,
    Awaited,
    At(usize),
}

impl Writer {
    pub(super) fn new(form: TextForm) -> Self {
        Self {
            form,
            out: String::new(),
            prefixes: Vec::new(),
            swallowed: 0,
            marker: None,
            owed: Break::None,
            space: false,
            link: Link::None,
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Begins a link: what is written next is its words.
    pub(super) fn open_link(&mut self) {
        self.link = Link::Awaited;
    }

    /// Ends the link that was begun last. One without words leaves nothing.
    pub(super) fn close_link(&mut self, href: &str) {
        let Link::At(from) = std::mem::replace(&mut self.link, Link::None) else { return };
        let words = self.out.get(from..).unwrap_or_default();
        if words.trim_end_matches('/') == href.trim_end_matches('/') {
            return;
        }
        // Over several lines, or with a bracket in it, it would not be read as a link.
        if self.form == TextForm::Text || words.contains(['\n', '[', ']']) {
            self.out.extend([" (", href, ")"]);
            return;
        }
        let link = format!("[{words}]({href})");
        self.out.truncate(from);
        self.out.push_str(&link);
    }

    /// What follows begins a line.
    pub(super) fn line(&mut self) {
        self.owe(Break::Line);
    }

    /// What follows stands apart.
    pub(super) fn block(&mut self) {
        self.owe(Break::Blank);
    }

    fn owe(&mut self, owed: Break) {
        self.space = false;
        if !self.out.is_empty() && self.marker.is_none() {
            self.owed = self.owed.max(owed);
        }
    }

    /// Text of a document, where white space is all the same.
    pub(super) fn text(&mut self, text: &str) {
        if text.starts_with(is_space) {
            self.space = true;
        }
        for word in text.split(is_space).filter(|word| !word.is_empty()) {
            self.begin();
            self.out.push_str(word);
            self.space = true;
        }
        self.space = text.ends_with(is_space) || (self.space && text.trim_matches(is_space).is_empty());
    }

    fn raw(&mut self, text: &str) {
        self.begin();
        self.out.push_str(text);
    }

    /// What stands in Markdown alone.
    fn mark(&mut self, mark: &str) {
        if self.form == TextForm::Markdown {
            self.raw(mark);
        }
    }

    /// Begins a heading of this level, 1 to 6.
    pub(super) fn heading(&mut self, level: usize) {
        self.block();
        self.mark(&"#".repeat(level));
        self.text(" ");
    }

    /// A line across.
    pub(super) fn rule(&mut self) {
        self.block();
        self.mark("---");
        self.block();
    }

    /// Text whose blanks and lines stay as they are.
    pub(super) fn preformatted(&mut self, text: &str) {
        self.block();
        self.mark("```");
        self.line();
        self.lines(text);
        self.line();
        self.mark("```");
        self.block();
    }

    /// A row of a table, each cell on one line. The first row is the head.
    pub(super) fn row(&mut self, cells: &[String], is_first: bool) {
        self.line();
        if self.form == TextForm::Text {
            return self.raw(&cells.join("\t"));
        }
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        self.raw(&format!("| {} |", cells.join(" | ")));
        if is_first {
            self.line();
            self.raw(&format!("|{}", " --- |".repeat(cells.len())));
        }
    }

    fn lines(&mut self, text: &str) {
        for (number, line) in text.lines().enumerate() {
            if number > 0 {
                self.owed = Break::Line;
                self.begin();
            }
            if !line.is_empty() {
                self.raw(line);
            }
        }
    }

    fn begin(&mut self) {
        let begins_line = self.out.is_empty() || self.owed != Break::None;
        match self.owed {
            Break::None => {}
            Break::Line => self.out.push('\n'),
            Break::Blank => {
                self.out.push('\n');
                let prefix = self.prefixes.concat();
                self.out.push_str(prefix.trim_end());
                self.out.push('\n');
            }
        }
        self.owed = Break::None;
        if begins_line || self.marker.is_some() {
            self.prefix(begins_line);
        } else if self.space && !self.out.ends_with(['\n', ' ']) {
            self.out.push(' ');
        }
        self.space = false;
        if self.link == Link::Awaited {
            self.link = Link::At(self.out.len());
        }
    }

    fn prefix(&mut self, begins_line: bool) {
        let marker = self.marker.take();
        let plain = self.prefixes.len() - usize::from(marker.is_some() && !self.prefixes.is_empty());
        if begins_line {
            for prefix in &self.prefixes[..plain] {
                self.out.push_str(prefix);
            }
        }
        if let Some(marker) = marker {
            self.out.push_str(&marker);
        }
    }

    /// Opens a quote.
    pub(super) fn open_quote(&mut self) {
        self.block();
        self.open("> ");
    }

    /// Opens an item of a list; `marker` is a bullet or a number with its blank.
    pub(super) fn open_item(&mut self, marker: String) {
        self.marker = None;
        self.line();
        self.open(if marker.len() > 2 { "   " } else { "  " });
        if self.swallowed == 0 {
            self.marker = Some(marker);
        }
    }

    fn open(&mut self, prefix: &'static str) {
        if self.prefixes.len() >= DEEPEST {
            self.swallowed += 1;
        } else {
            self.prefixes.push(prefix);
        }
    }

    /// Closes what was opened last.
    pub(super) fn close(&mut self) {
        self.marker = None;
        if self.swallowed > 0 {
            self.swallowed -= 1;
        } else {
            self.prefixes.pop();
        }
        self.line();
    }
}

/// A space that binds words shows like any other.
fn is_space(character: char) -> bool {
    character.is_whitespace()
}
