//! PDF 1.4 with text in Helvetica, and one without any, as a scanner writes it.

const LINES_ON_A_PAGE: usize = 44;
const LETTERS_ON_A_LINE: usize = 88;

pub(super) fn pdf(text: &str) -> Vec<u8> {
    let lines: Vec<String> = text.lines().flat_map(wrapped).collect();
    let pages: Vec<String> = lines.chunks(LINES_ON_A_PAGE).map(page_of).collect();
    written(&pages)
}

/// Three pages of grey boxes where a picture of text would be.
pub(super) fn scan() -> Vec<u8> {
    let page = "0.8 g 72 600 451 120 re f 0.9 g 72 200 451 360 re f".to_owned();
    written(&[page.clone(), page.clone(), page])
}

fn page_of(lines: &[String]) -> String {
    let mut stream = "BT /F1 11 Tf 14 TL 56 790 Td".to_owned();
    for line in lines {
        stream.extend([" (", &literal(line), ") '"]);
    }
    stream.push_str(" ET");
    stream
}

/// A string of the standard encoding: what it can't write becomes a question mark.
fn literal(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    for letter in line.chars() {
        match letter {
            '(' | ')' | '\\' => text.extend(['\\', letter]),
            ' '..='~' => text.push(letter),
            '\u{a0}'..='\u{ff}' => text.extend([format!("\\{:03o}", u32::from(letter))]),
            _ => text.push('?'),
        }
    }
    text
}

fn wrapped(line: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let full = lines.last().is_some_and(|last| last.len() + word.len() > LETTERS_ON_A_LINE);
        if full {
            lines.push(String::new());
        }
        if let Some(last) = lines.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

/// Objects: 1 catalogue, 2 page tree, 3 font, then a page and its stream in turn.
fn written(pages: &[String]) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|place| format!("{} 0 R", 4 + place * 2)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Count {} /Kids [{}] >>", pages.len(), kids.join(" ")),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    for (place, stream) in pages.iter().enumerate() {
        let content = 5 + place * 2;
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {content} 0 R >>"
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{stream}\nendstream", stream.len()));
    }
    let mut bytes = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::with_capacity(objects.len());
    for (place, object) in objects.iter().enumerate() {
        offsets.push(bytes.len());
        bytes.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", place + 1).as_bytes());
    }
    let table: String =
        offsets.iter().map(|offset| format!("{offset:010} 00000 n \n")).collect::<Vec<_>>().concat();
    let (start, count) = (bytes.len(), objects.len() + 1);
    let tail = format!(
        "xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    bytes.extend_from_slice(tail.as_bytes());
    bytes
}
