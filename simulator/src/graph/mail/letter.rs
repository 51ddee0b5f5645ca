//! Builds the body of a mail, as HTML and as the text that Exchange makes of it.

/// The first characters of the text that `bodyPreview` shows.
const PREVIEW_LENGTH: usize = 255;

/// A body under construction.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Letter {
    html: String,
    text: String,
}

/// A finished body.
#[derive(Debug)]
pub(in crate::graph) struct Body {
    pub(in crate::graph) html: String,
    pub(in crate::graph) text: String,
    pub(in crate::graph) preview: String,
}

impl Letter {
    /// Begins with the token of the mailbox.
    pub(in crate::graph) fn marked(token: &str) -> Self {
        let mut letter = Self { html: String::with_capacity(2_048), text: String::with_capacity(1_024) };
        letter.line("color:#666;font-size:9pt", &format!("Ref. {token}"));
        letter
    }

    pub(in crate::graph) fn paragraph(&mut self, text: &str) {
        self.raw(&format!("<p>{}</p>\r\n", escaped(text)), text);
    }

    pub(in crate::graph) fn list(&mut self, items: &[String]) {
        self.html.push_str("<ul>\r\n");
        for item in items {
            self.html.extend(["<li>", &escaped(item), "</li>\r\n"]);
            self.text.extend(["  * ", item, "\r\n"]);
        }
        self.html.push_str("</ul>\r\n");
        self.text.push_str("\r\n");
    }

    pub(in crate::graph) fn link(&mut self, label: &str, address: &str) {
        let html = format!("<p><a href=\"{}\">{}</a></p>\r\n", escaped(address), escaped(label));
        self.raw(&html, &format!("{label}<{address}>"));
    }

    /// An image that nobody sees and that tells the sender who has opened the mail.
    pub(in crate::graph) fn tracking_image(&mut self, address: &str) {
        let rest = "\" width=\"1\" height=\"1\" alt=\"\" style=\"display:block\">\r\n";
        self.html.extend(["<img src=\"", &escaped(address), rest]);
    }

    /// What stood before, the way a reply carries it.
    pub(in crate::graph) fn quote(&mut self, author: &str, quoted: &str) {
        let html = format!(
            "<blockquote style=\"border-left:2px solid #ccc;padding-left:8px\"><b>From:</b> {}<br>{}</blockquote>\r\n",
            escaped(author),
            escaped(quoted)
        );
        self.raw(&html, &format!("________________________________\r\nFrom: {author}\r\n\r\n{quoted}"));
    }

    /// Markup as it is, and the text that a reader would make of it.
    pub(in crate::graph) fn raw(&mut self, html: &str, text: &str) {
        self.html.push_str(html);
        self.text.push_str(text);
        self.text.push_str("\r\n\r\n");
    }

    /// Ends with the canary of the mailbox.
    pub(in crate::graph) fn finish(mut self, canary: &str) -> Body {
        self.line("color:#999;font-size:8pt", canary);
        let preview = self.text.chars().take(PREVIEW_LENGTH).collect();
        let html = format!(
            "<html><head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body \
             dir=\"ltr\">\r\n{}</body></html>",
            self.html
        );
        Body { html, text: self.text, preview }
    }

    fn line(&mut self, style: &str, text: &str) {
        self.raw(&format!("<div style=\"{style}\">{}</div>\r\n", escaped(text)), text);
    }
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
    html
}
