//! From the tree to what its reader would have seen.

use url::Url;

use super::ReadHtml;
use super::look::Look;
use super::style::Sheet;
use super::tree::{Content, NodeId, Tree};
use super::writer::Writer;
use crate::policy::LinkTreatment;
use crate::tools::character_boundary::character_boundary;
use crate::tools::text_form::TextForm;

/// In bytes: links are written up to this length, longer ones without their query.
const LONGEST_LINK: usize = 500;
/// In pixels: images up to this size show nothing.
const PIXEL: f32 = 3.0;
/// Of tables: cells of a row and rows that are laid out; more are written line by line.
const MOST_COLUMNS: usize = 40;

/// What is still to be done, the next thing last.
enum Step {
    Enter(NodeId, Look),
    Leave(Closing),
}

enum Closing {
    Line,
    Block,
    Quote,
    Item,
    List,
    Link(String),
}

/// Writes the whole document.
pub(super) fn write(tree: &Tree, links: LinkTreatment, form: TextForm) -> ReadHtml {
    let mut sheet = Sheet::default();
    for node in tree.below(Tree::ROOT).filter(|node| tree.tag(*node) == Some("style")) {
        for child in tree.children(node) {
            if let Content::Text(css) = tree.content(*child) {
                sheet.add(css);
            }
        }
    }
    let mut walk = Walk { tree, sheet, links, form, read: ReadHtml::default(), numbers: Vec::new() };
    let mut writer = Writer::new(form);
    walk.write_below(Tree::ROOT, Look::PLAIN, &mut writer);
    walk.read.text = writer.finish();
    walk.read
}

struct Walk<'t> {
    tree: &'t Tree,
    sheet: Sheet,
    links: LinkTreatment,
    form: TextForm,
    read: ReadHtml,
    /// Of the open lists: the next number, or none for bullets.
    numbers: Vec<Option<u32>>,
}

impl Walk<'_> {
    fn write_below(&mut self, node: NodeId, look: Look, writer: &mut Writer) {
        let mut steps: Vec<Step> = Vec::new();
        self.push_children(node, look, &mut steps);
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(node, look) => self.enter(node, look, &mut steps, writer),
                Step::Leave(closing) => self.leave(closing, writer),
            }
        }
    }

    fn push_children(&self, node: NodeId, look: Look, steps: &mut Vec<Step>) {
        steps.extend(self.tree.children(node).iter().rev().map(|child| Step::Enter(*child, look)));
    }

    fn enter(&mut self, node: NodeId, look: Look, steps: &mut Vec<Step>, writer: &mut Writer) {
        let tree = self.tree;
        let tag = match tree.content(node) {
            Content::Nothing => return,
            Content::Text(text) => return self.text(text, look, writer),
            Content::Element { .. } => tree.tag(node).unwrap_or_default(),
        };
        if is_active(tag) {
            self.read.active += 1;
            return;
        }
        if is_about_the_document(tag) {
            return;
        }
        let Some(look) = look.inside(tree, node, &self.sheet) else {
            self.read.hidden += 1;
            return;
        };
        let closing = match tag {
            "br" => return writer.line(),
            "hr" => return writer.rule(),
            "img" => return self.image(node, writer),
            "pre" => return self.preformatted(node, look, writer),
            "table" if self.is_of_data(node) => return self.table(node, look, writer),
            "a" => self.open_link(node, writer),
            "ul" | "ol" | "menu" => Some(self.open_list(node, tag, writer)),
            "li" => {
                let marker = self.next_marker();
                writer.open_item(marker);
                Some(Closing::Item)
            }
            // Of Teams: somebody who is spoken to, and a sign whose picture is drawn by the client.
            "at" => {
                writer.text("@");
                None
            }
            "emoji" => {
                writer.text(tree.attribute(node, "alt").unwrap_or_default());
                return;
            }
            "blockquote" => {
                writer.open_quote();
                Some(Closing::Quote)
            }
            "td" | "th" => {
                writer.text(" ");
                None
            }
            _ => open_block(tag, writer),
        };
        steps.extend(closing.map(Step::Leave));
        self.push_children(node, look, steps);
    }

    fn leave(&mut self, closing: Closing, writer: &mut Writer) {
        match closing {
            Closing::Line => writer.line(),
            Closing::Block => writer.block(),
            Closing::Item => writer.close(),
            Closing::Quote => {
                writer.close();
                writer.block();
            }
            Closing::List => {
                self.numbers.pop();
                if self.numbers.is_empty() { writer.block() } else { writer.line() }
            }
            Closing::Link(href) => writer.close_link(&href),
        }
    }

    fn text(&mut self, text: &str, look: Look, writer: &mut Writer) {
        if look.is_readable() {
            writer.text(text);
        } else if !text.trim().is_empty() {
            self.read.hidden += 1;
        }
    }

    fn open_list(&mut self, node: NodeId, tag: &str, writer: &mut Writer) -> Closing {
        if self.numbers.is_empty() {
            writer.block();
        } else {
            writer.line();
        }
        let start = self.tree.attribute(node, "start").and_then(|start| start.trim().parse().ok());
        self.numbers.push((tag == "ol").then(|| start.unwrap_or(1)));
        Closing::List
    }

    fn next_marker(&mut self) -> String {
        match self.numbers.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            Some(None) | None => "- ".to_owned(),
        }
    }

    fn image(&mut self, node: NodeId, writer: &mut Writer) {
        let source = self.tree.attribute(node, "src").unwrap_or_default().trim();
        let is_embedded = source.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("cid:"));
        if !is_embedded {
            self.read.images += 1;
        }
        let is_small = |name| {
            self.tree
                .attribute(node, name)
                .and_then(|size| size.trim_end_matches("px").trim().parse::<f32>().ok())
        };
        let is_pixel =
            ["width", "height"].iter().any(|name| is_small(name).is_some_and(|size| size <= PIXEL));
        let words = self.tree.attribute(node, "alt").unwrap_or_default().trim();
        if !is_pixel && !words.is_empty() {
            writer.text(&format!(" [image: {words}] "));
        }
    }

    fn preformatted(&mut self, node: NodeId, look: Look, writer: &mut Writer) {
        let mut text = String::new();
        let mut steps: Vec<(NodeId, Look)> = vec![(node, look)];
        while let Some((at, look)) = steps.pop() {
            for child in self.tree.children(at).iter().rev() {
                match self.tree.tag(*child) {
                    Some(tag) if is_active(tag) => self.read.active += 1,
                    Some(_) => match look.inside(self.tree, *child, &self.sheet) {
                        Some(look) => steps.push((*child, look)),
                        None => self.read.hidden += 1,
                    },
                    None => steps.push((*child, look)),
                }
            }
            match self.tree.content(at) {
                Content::Text(part) if look.is_readable() => text.push_str(part),
                Content::Element { .. } if self.tree.tag(at) == Some("br") => text.push('\n'),
                _ => {}
            }
        }
        if text.trim().is_empty() {
            return;
        }
        writer.preformatted(text.trim_end().trim_start_matches('\n'));
    }

    /// Begins a link, where it leads to somewhere that a person can go.
    fn open_link(&mut self, node: NodeId, writer: &mut Writer) -> Option<Closing> {
        let href = self.tree.attribute(node, "href")?;
        match Url::parse(href.trim()) {
            Ok(url) if matches!(url.scheme(), "javascript" | "vbscript" | "data") => {
                self.read.active += 1;
                None
            }
            Ok(url) if matches!(url.scheme(), "http" | "https") && self.links != LinkTreatment::Strip => {
                writer.open_link();
                Some(Closing::Link(shown(url)))
            }
            _ => None,
        }
    }

    /// Whether a table holds data rather than a layout: several rows and columns of plain text.
    fn is_of_data(&self, table: NodeId) -> bool {
        let mut rows = 0;
        let mut widest = 0;
        if matches!(self.tree.attribute(table, "role"), Some("presentation" | "none")) {
            return false;
        }
        for node in self.tree.below(table) {
            match self.tree.tag(node) {
                Some("tr") => {
                    rows += 1;
                    let cells = self.tree.children(node).iter();
                    widest = widest.max(cells.filter(|cell| self.is_cell(**cell)).count());
                }
                Some(
                    "table" | "ul" | "ol" | "blockquote" | "pre" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
                    | "hr",
                ) => return false,
                _ => {}
            }
        }
        rows > 1 && (2..=MOST_COLUMNS).contains(&widest)
    }

    fn is_cell(&self, node: NodeId) -> bool {
        matches!(self.tree.tag(node), Some("td" | "th"))
    }

    fn table(&mut self, table: NodeId, look: Look, writer: &mut Writer) {
        let tree = self.tree;
        let mut is_first = true;
        writer.block();
        let mut steps = vec![(table, look)];
        while let Some((node, look)) = steps.pop() {
            if tree.tag(node) == Some("tr") {
                let row = self.row(node, look);
                if row.iter().any(|cell| !cell.is_empty()) {
                    writer.row(&row, is_first);
                    is_first = false;
                }
                continue;
            }
            for child in tree.children(node).iter().rev() {
                if matches!(tree.tag(*child), Some("caption" | "thead" | "tbody" | "tfoot" | "tr")) {
                    match look.inside(tree, *child, &self.sheet) {
                        Some(look) => steps.push((*child, look)),
                        None => self.read.hidden += 1,
                    }
                }
            }
            if tree.tag(node) == Some("caption") {
                self.write_below(node, look, writer);
                writer.block();
            }
        }
        writer.block();
    }

    /// The cells of a row, each on one line.
    fn row(&mut self, row: NodeId, look: Look) -> Vec<String> {
        let cells: Vec<NodeId> =
            self.tree.children(row).iter().copied().filter(|cell| self.is_cell(*cell)).collect();
        cells
            .into_iter()
            .map(|cell| {
                let Some(look) = look.inside(self.tree, cell, &self.sheet) else {
                    self.read.hidden += 1;
                    return String::new();
                };
                let mut writer = Writer::new(self.form);
                self.write_below(cell, look, &mut writer);
                let text = writer.finish();
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect()
    }
}

/// Begins an element that stands on lines of its own, or does nothing for one that stands in a line.
fn open_block(tag: &str, writer: &mut Writer) -> Option<Closing> {
    match tag {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            writer.heading(usize::from(tag.as_bytes()[1] - b'0'));
            Some(Closing::Block)
        }
        "p" | "dl" | "figure" | "fieldset" => {
            writer.block();
            Some(Closing::Block)
        }
        "div" | "section" | "article" | "header" | "footer" | "main" | "aside" | "nav" | "address" | "tr"
        | "table" | "dt" | "dd" | "center" | "figcaption" | "details" | "summary" | "caption" | "tbody"
        | "thead" | "tfoot" => {
            writer.line();
            Some(Closing::Line)
        }
        _ => None,
    }
}

/// A link as it can stand in a text. Hosts are shown as the network knows them, whatever letters they seem to have.
fn shown(mut url: Url) -> String {
    if url.as_str().len() > LONGEST_LINK {
        url.set_query(None);
        url.set_fragment(None);
    }
    let text = url.as_str().replace('(', "%28").replace(')', "%29");
    text[..character_boundary(&text, LONGEST_LINK)].to_owned()
}

/// What runs, is fetched, or is filled in.
fn is_active(tag: &str) -> bool {
    matches!(
        tag,
        "script"
            | "style"
            | "iframe"
            | "frame"
            | "frameset"
            | "object"
            | "embed"
            | "applet"
            | "input"
            | "select"
            | "textarea"
            | "svg"
            | "math"
            | "audio"
            | "video"
            | "canvas"
            | "link"
            | "base"
            | "template"
            | "portal"
    )
}

/// What says something about the document, and is not in it.
fn is_about_the_document(tag: &str) -> bool {
    matches!(
        tag,
        "head" | "title" | "meta" | "noframes" | "noembed" | "datalist" | "param" | "source" | "track"
    )
}
