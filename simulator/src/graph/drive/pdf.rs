//! PDF 1.4 with text in Helvetica, and one without any, as a scanner writes it.

use super::encrypted::bytes;
use crate::directory::random::SplitMix64;

const LINES_ON_A_PAGE: usize = 44;
const LETTERS_ON_A_LINE: usize = 88;

pub(super) fn pdf(text: &str) -> Vec<u8> {
    let lines: Vec<String> = text.lines().flat_map(wrapped).collect();
    let pages: Vec<Vec<u8>> =
        lines.chunks(LINES_ON_A_PAGE).map(|lines| page_of(lines).into_bytes()).collect();
    written(&pages, None)
}

/// Three pages of grey boxes where a picture of text would be.
pub(super) fn scan() -> Vec<u8> {
    let page = b"0.8 g 72 600 451 120 re f 0.9 g 72 200 451 360 re f".to_vec();
    written(&[page.clone(), page.clone(), page], None)
}

/// Two pages behind a password that nobody has: keys and pages are noise of the right sizes. The standard security handler,
/// revision 3, with RC4 of 128 bits (PDF 1.4, 3.5.2).
pub(super) fn encrypted(random: &mut SplitMix64) -> Vec<u8> {
    let mut hexadecimal = |length| -> String {
        bytes(random, length).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().concat()
    };
    let (owner, user, id) = (hexadecimal(32), hexadecimal(32), hexadecimal(16));
    let encryption = Encryption {
        dictionary: format!(
            "<< /Filter /Standard /V 2 /R 3 /Length 128 /O <{owner}> /U <{user}> /P -3904 >>"
        ),
        id,
    };
    written(&[bytes(random, 1_400), bytes(random, 900)], Some(&encryption))
}

struct Encryption {
    dictionary: String,
    /// Of the file, which keys are derived from; hexadecimal.
    id: String,
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

/// Objects: 1 catalogue, 2 page tree, 3 font, then a page and its stream in turn, and the encryption last.
fn written(pages: &[Vec<u8>], encryption: Option<&Encryption>) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|place| format!("{} 0 R", 4 + place * 2)).collect();
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Count {} /Kids [{}] >>", pages.len(), kids.join(" ")).into_bytes(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
    ];
    for (place, stream) in pages.iter().enumerate() {
        let content = 5 + place * 2;
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {content} 0 R >>"
        ).into_bytes());
        let head = format!("<< /Length {} >>\nstream\n", stream.len());
        objects.push([head.as_bytes(), stream, b"\nendstream"].concat());
    }
    let mut trailer = String::new();
    if let Some(Encryption { dictionary, id }) = encryption {
        objects.push(dictionary.clone().into_bytes());
        trailer = format!(" /Encrypt {} 0 R /ID [<{id}> <{id}>]", objects.len());
    }
    let mut file = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::with_capacity(objects.len());
    for (place, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.extend_from_slice(format!("{} 0 obj\n", place + 1).as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let table: String =
        offsets.iter().map(|offset| format!("{offset:010} 00000 n \n")).collect::<Vec<_>>().concat();
    let (start, count) = (file.len(), objects.len() + 1);
    let tail = format!(
        "xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R{trailer} >>\nstartxref\n{start}\n%%EOF\n"
    );
    file.extend_from_slice(tail.as_bytes());
    file
}
