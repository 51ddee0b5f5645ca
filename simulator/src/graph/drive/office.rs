//! Office Open XML (ECMA-376): as few parts as an application needs to open the file.

use super::archive::Archive;
use super::document::{Block, Document, escaped};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const SHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const MIME: &str = "application/vnd.openxmlformats-officedocument";

pub(super) fn docx(document: &Document) -> Vec<u8> {
    word_package().part("word/document.xml", &word_document(&word_body(document))).finish()
}

/// Blocks of spaces in what unpacks to 256 MiB.
const BLOCKS: usize = 4_096;

/// A document whose text is 256 MiB of spaces in about a thousandth of that.
pub(super) fn bomb() -> Vec<u8> {
    let document = word_document("<w:p><w:r><w:t xml:space=\"preserve\">|</w:t></w:r></w:p>");
    let (before, after) = document.split_once('|').unwrap_or((&document, ""));
    word_package().inflated_part("word/document.xml", before, BLOCKS, after).finish()
}

/// A workbook with one cell of as many.
pub(super) fn sheet_bomb() -> Vec<u8> {
    let sheet = sheet(&[vec!["|".to_owned()]]);
    let (before, after) = sheet.split_once('|').unwrap_or((&sheet, ""));
    workbook(&["Notes".to_owned()]).inflated_part(&sheet_part(1), before, BLOCKS, after).finish()
}

fn word_package() -> Archive {
    let parts = [
        ("word/document.xml", "wordprocessingml.document.main+xml"),
        ("word/styles.xml", "wordprocessingml.styles+xml"),
    ];
    let style = |id: &str, name: &str, size: u8| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:rPr><w:b/><w:sz w:val=\"{size}\"/></w:rPr></w:style>"
        )
    };
    let styles = format!(
        "{HEAD}<w:styles xmlns:w=\"{WORD}\">{}{}{}</w:styles>",
        style("Title", "Title", 40),
        style("Heading1", "heading 1", 28),
        style("ListBullet", "List Bullet", 22)
    );
    package(&parts, "word/document.xml")
        .part("word/_rels/document.xml.rels", &relations(&[("styles", "styles.xml")]))
        .part("word/styles.xml", &styles)
}

fn word_document(body: &str) -> String {
    format!("{HEAD}<w:document xmlns:w=\"{WORD}\"><w:body>{body}<w:sectPr/></w:body></w:document>")
}

fn word_body(document: &Document) -> String {
    let mut body = word_paragraph("Title", &document.title);
    for block in &document.blocks {
        match block {
            Block::Heading(line) => body.push_str(&word_paragraph("Heading1", line)),
            Block::Paragraph(line) => body.push_str(&word_paragraph("", line)),
            Block::Points(points) => {
                body.extend(points.iter().map(|point| word_paragraph("ListBullet", point)));
            }
            Block::Table(rows) => body.push_str(&word_table(rows)),
        }
    }
    body
}

fn word_paragraph(style: &str, text: &str) -> String {
    let properties = match style {
        "" => String::new(),
        style => format!("<w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>"),
    };
    format!("<w:p>{properties}<w:r><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>", escaped(text))
}

fn word_table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let mut table = format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"0\" w:type=\"auto\"/></w:tblPr><w:tblGrid>{}</w:tblGrid>",
        "<w:gridCol w:w=\"2400\"/>".repeat(columns)
    );
    for row in rows {
        let cells: String = row
            .iter()
            .map(|cell| format!("<w:tc><w:tcPr/>{}</w:tc>", word_paragraph("", cell)))
            .collect::<Vec<_>>()
            .concat();
        table.extend(["<w:tr>", &cells, "</w:tr>"]);
    }
    table.push_str("</w:tbl>");
    table
}

/// A sheet for every table, and one for the text around them.
pub(super) fn xlsx(document: &Document) -> Vec<u8> {
    let mut sheets = vec![("Notes".to_owned(), notes(document))];
    sheets.extend(
        document.tables().enumerate().map(|(place, rows)| (format!("Data {}", place + 1), rows.clone())),
    );
    let titles: Vec<String> = sheets.iter().map(|(name, _)| name.clone()).collect();
    let parts = sheets.iter().zip(1..);
    parts
        .fold(workbook(&titles), |archive, ((_, rows), number)| {
            archive.part(&sheet_part(number), &sheet(rows))
        })
        .finish()
}

fn sheet_part(number: usize) -> String {
    format!("xl/worksheets/sheet{number}.xml")
}

/// Everything but the sheets of these titles.
fn workbook(titles: &[String]) -> Archive {
    let names: Vec<String> = (1..=titles.len()).map(sheet_part).collect();
    let mut parts = vec![("xl/workbook.xml", "spreadsheetml.sheet.main+xml")];
    parts.extend(names.iter().map(|name| (name.as_str(), "spreadsheetml.worksheet+xml")));
    let targets: Vec<&str> = names.iter().filter_map(|name| name.strip_prefix("xl/")).collect();
    let links: Vec<(&str, &str)> = targets.iter().map(|target| ("worksheet", *target)).collect();
    let listed: String = titles
        .iter()
        .zip(1..)
        .map(|(title, number)| format!("<sheet name=\"{title}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>"))
        .collect::<Vec<_>>()
        .concat();
    let workbook = format!(
        "{HEAD}<workbook xmlns=\"{SHEET}\" xmlns:r=\"{OFFICE}\"><sheets>{listed}</sheets></workbook>"
    );
    package(&parts, "xl/workbook.xml")
        .part("xl/workbook.xml", &workbook)
        .part("xl/_rels/workbook.xml.rels", &relations(&links))
}

fn notes(document: &Document) -> Vec<Vec<String>> {
    let mut rows = vec![vec![document.title.clone()]];
    for block in &document.blocks {
        match block {
            Block::Heading(line) | Block::Paragraph(line) => rows.push(vec![line.clone()]),
            Block::Points(points) => rows.extend(points.iter().map(|point| vec![point.clone()])),
            Block::Table(_) => {}
        }
    }
    rows
}

fn sheet(rows: &[Vec<String>]) -> String {
    let mut data = String::new();
    for (row, number) in rows.iter().zip(1..) {
        let cells: String = row
            .iter()
            .zip('A'..='Z')
            .map(|(text, column)| cell(&format!("{column}{number}"), text))
            .collect::<Vec<_>>()
            .concat();
        data.extend([format!("<row r=\"{number}\">{cells}</row>")]);
    }
    format!("{HEAD}<worksheet xmlns=\"{SHEET}\"><sheetData>{data}</sheetData></worksheet>")
}

/// Numbers are numbers, so that a sum can be made of them.
fn cell(place: &str, text: &str) -> String {
    if !text.is_empty() && text.len() < 15 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("<c r=\"{place}\"><v>{text}</v></c>");
    }
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>", escaped(text))
}

/// The content types, and the relation to the main part.
pub(super) fn package(parts: &[(&str, &str)], main: &str) -> Archive {
    let overrides: String = parts
        .iter()
        .map(|(name, kind)| format!("<Override PartName=\"/{name}\" ContentType=\"{MIME}.{kind}\"/>"))
        .collect::<Vec<_>>()
        .concat();
    let types = format!(
        "{HEAD}<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>{overrides}</Types>"
    );
    Archive::default()
        .part("[Content_Types].xml", &types)
        .part("_rels/.rels", &relations(&[("officeDocument", main)]))
}

/// Relations `rId1`, `rId2` … of these kinds to these parts.
pub(super) fn relations(links: &[(&str, &str)]) -> String {
    let listed: String = links
        .iter()
        .zip(1..)
        .map(|((kind, target), number)| {
            format!("<Relationship Id=\"rId{number}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
        })
        .collect::<Vec<_>>()
        .concat();
    format!("{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">{listed}</Relationships>")
}
