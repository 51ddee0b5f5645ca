//! A document before it has a format, and the formats that are plain text.

/// What a file says.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Document {
    pub(in crate::graph) title: String,
    pub(in crate::graph) blocks: Vec<Block>,
}

#[derive(Debug, Clone)]
pub(in crate::graph) enum Block {
    Heading(String),
    Paragraph(String),
    Points(Vec<String>),
    /// The first row holds the headings.
    Table(Vec<Vec<String>>),
}

impl Document {
    /// As a person reads it; also what the search index sees.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\r\n\r\n", self.title);
        for block in &self.blocks {
            match block {
                Block::Heading(line) | Block::Paragraph(line) => text.extend([line, "\r\n"]),
                Block::Points(points) => {
                    for point in points {
                        text.extend(["- ", point, "\r\n"]);
                    }
                }
                Block::Table(rows) => rows.iter().for_each(|row| text.extend([&row.join("\t"), "\r\n"])),
            }
            text.push_str("\r\n");
        }
        text
    }

    pub(super) fn markdown(&self) -> String {
        let mut text = format!("# {}\n\n", self.title);
        for block in &self.blocks {
            match block {
                Block::Heading(line) => text.extend(["## ", line, "\n"]),
                Block::Paragraph(line) => text.extend([line, "\n"]),
                Block::Points(points) => points.iter().for_each(|point| text.extend(["- ", point, "\n"])),
                Block::Table(rows) => {
                    for (place, row) in rows.iter().enumerate() {
                        text.extend(["| ", &row.join(" | "), " |\n"]);
                        if place == 0 {
                            text.extend(["|", &" --- |".repeat(row.len()), "\n"]);
                        }
                    }
                }
            }
            text.push('\n');
        }
        text
    }

    pub(super) fn html(&self) -> String {
        let title = escaped(&self.title);
        let mut html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n"
        );
        for block in &self.blocks {
            match block {
                Block::Heading(line) => html.extend(["<h2>", &escaped(line), "</h2>\n"]),
                Block::Paragraph(line) => html.extend(["<p>", &escaped(line), "</p>\n"]),
                Block::Points(points) => {
                    html.push_str("<ul>\n");
                    for point in points {
                        html.extend(["<li>", &escaped(point), "</li>\n"]);
                    }
                    html.push_str("</ul>\n");
                }
                Block::Table(rows) => html.push_str(&html_table(rows)),
            }
        }
        html.push_str("</body></html>\n");
        html
    }

    /// The tables alone, as RFC 4180 has it; the title and the paragraphs are rows of one field.
    pub(super) fn csv(&self) -> String {
        let mut lines = Vec::new();
        for block in &self.blocks {
            match block {
                Block::Table(rows) => lines.extend(
                    rows.iter()
                        .map(|row| row.iter().map(|field| csv_field(field)).collect::<Vec<_>>().join(",")),
                ),
                Block::Paragraph(line) => lines.push(csv_field(line)),
                Block::Heading(_) | Block::Points(_) => {}
            }
        }
        lines.push(String::new());
        lines.join("\r\n")
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &Vec<Vec<String>>> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(rows) => Some(rows),
            _ => None,
        })
    }
}

fn html_table(rows: &[Vec<String>]) -> String {
    let mut html = "<table>\n".to_owned();
    for (place, row) in rows.iter().enumerate() {
        let cell = if place == 0 { "th" } else { "td" };
        let cells: String =
            row.iter().map(|text| format!("<{cell}>{}</{cell}>", escaped(text))).collect::<Vec<_>>().concat();
        html.extend(["<tr>", &cells, "</tr>\n"]);
    }
    html.push_str("</table>\n");
    html
}

fn csv_field(field: &str) -> String {
    if field.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// Text as HTML and XML want it. Characters that XML 1.0 has no way to write are left out.
pub(in crate::graph) fn escaped(text: &str) -> String {
    let mut markup = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            letter if u32::from(letter) < 0x20 && !matches!(letter, '\t' | '\r' | '\n') => {}
            other => markup.push(other),
        }
    }
    markup
}
