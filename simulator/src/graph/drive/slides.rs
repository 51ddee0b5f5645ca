//! Presentations: one slide for the title, one for every heading. Master, layout and theme are the smallest that an
//! application accepts.

use super::document::{Block, Document, escaped};
use super::office::{package, relations};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const NAMES: &str = "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\"";
const GROUP: &str =
    "<p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>";

struct Slide<'a> {
    title: &'a str,
    lines: Vec<&'a str>,
}

pub(super) fn pptx(document: &Document) -> Vec<u8> {
    let slides = slides(document);
    let names: Vec<String> =
        (1..=slides.len()).map(|number| format!("ppt/slides/slide{number}.xml")).collect();
    let mut parts = vec![
        ("ppt/presentation.xml", "presentationml.presentation.main+xml"),
        ("ppt/slideMasters/slideMaster1.xml", "presentationml.slideMaster+xml"),
        ("ppt/slideLayouts/slideLayout1.xml", "presentationml.slideLayout+xml"),
        ("ppt/theme/theme1.xml", "theme+xml"),
    ];
    parts.extend(names.iter().map(|name| (name.as_str(), "presentationml.slide+xml")));
    let targets: Vec<String> = (1..=slides.len()).map(|number| format!("slides/slide{number}.xml")).collect();
    let mut links = vec![("slideMaster", "slideMasters/slideMaster1.xml")];
    links.extend(targets.iter().map(|target| ("slide", target.as_str())));
    let master = "../slideMasters/slideMaster1.xml";
    let layout = "../slideLayouts/slideLayout1.xml";
    let mut archive = package(&parts, "ppt/presentation.xml")
        .part("ppt/presentation.xml", &presentation(slides.len()))
        .part("ppt/_rels/presentation.xml.rels", &relations(&links))
        .part("ppt/slideMasters/slideMaster1.xml", &slide_master())
        .part(
            "ppt/slideMasters/_rels/slideMaster1.xml.rels",
            &relations(&[("slideLayout", layout), ("theme", "../theme/theme1.xml")]),
        )
        .part("ppt/slideLayouts/slideLayout1.xml", &slide_layout())
        .part("ppt/slideLayouts/_rels/slideLayout1.xml.rels", &relations(&[("slideMaster", master)]))
        .part("ppt/theme/theme1.xml", &theme());
    for (place, slide) in slides.iter().enumerate() {
        archive = archive.part(&names[place], &slide_part(slide)).part(
            &format!("ppt/slides/_rels/slide{}.xml.rels", place + 1),
            &relations(&[("slideLayout", layout)]),
        );
    }
    archive.finish()
}

fn slides(document: &Document) -> Vec<Slide<'_>> {
    let mut slides = vec![Slide { title: &document.title, lines: Vec::new() }];
    for block in &document.blocks {
        if let Block::Heading(title) = block {
            slides.push(Slide { title, lines: Vec::new() });
            continue;
        }
        let Some(slide) = slides.last_mut() else { continue };
        match block {
            Block::Paragraph(line) => slide.lines.push(line),
            Block::Points(points) => slide.lines.extend(points.iter().map(String::as_str)),
            Block::Table(rows) => slide.lines.extend(rows.iter().flatten().map(String::as_str)),
            Block::Heading(_) => {}
        }
    }
    slides
}

fn presentation(slides: usize) -> String {
    let listed: String = (0..slides)
        .map(|place| format!("<p:sldId id=\"{}\" r:id=\"rId{}\"/>", 256 + place, 2 + place))
        .collect::<Vec<_>>()
        .concat();
    format!(
        "{HEAD}<p:presentation {NAMES}><p:sldMasterIdLst><p:sldMasterId id=\"2147483648\" r:id=\"rId1\"/></p:sldMasterIdLst><p:sldIdLst>{listed}</p:sldIdLst><p:sldSz cx=\"12192000\" cy=\"6858000\"/><p:notesSz cx=\"6858000\" cy=\"9144000\"/></p:presentation>"
    )
}

fn slide_part(slide: &Slide<'_>) -> String {
    let title = shape(2, "title", &[slide.title]);
    let body = shape(3, "body", &slide.lines);
    format!("{HEAD}<p:sld {NAMES}><p:cSld><p:spTree>{GROUP}{title}{body}</p:spTree></p:cSld></p:sld>")
}

fn shape(number: u8, kind: &str, lines: &[&str]) -> String {
    let paragraphs: String = match lines {
        [] => "<a:p/>".to_owned(),
        lines => lines
            .iter()
            .map(|line| format!("<a:p><a:r><a:t>{}</a:t></a:r></a:p>", escaped(line)))
            .collect::<Vec<_>>()
            .concat(),
    };
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"{number}\" name=\"{kind}\"/><p:cNvSpPr/><p:nvPr><p:ph type=\"{kind}\"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>{paragraphs}</p:txBody></p:sp>"
    )
}

fn slide_master() -> String {
    format!(
        "{HEAD}<p:sldMaster {NAMES}><p:cSld><p:spTree>{GROUP}</p:spTree></p:cSld><p:clrMap bg1=\"lt1\" tx1=\"dk1\" bg2=\"lt2\" tx2=\"dk2\" accent1=\"accent1\" accent2=\"accent2\" accent3=\"accent3\" accent4=\"accent4\" accent5=\"accent5\" accent6=\"accent6\" hlink=\"hlink\" folHlink=\"folHlink\"/><p:sldLayoutIdLst><p:sldLayoutId id=\"2147483649\" r:id=\"rId1\"/></p:sldLayoutIdLst></p:sldMaster>"
    )
}

fn slide_layout() -> String {
    format!(
        "{HEAD}<p:sldLayout {NAMES} type=\"obj\"><p:cSld name=\"Title and Content\"><p:spTree>{GROUP}</p:spTree></p:cSld></p:sldLayout>"
    )
}

fn theme() -> String {
    const COLOURS: &[&str] = &[
        "dk1", "lt1", "dk2", "lt2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6",
        "hlink", "folHlink",
    ];
    let colours: String = COLOURS
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let shade = if name.starts_with("lt") {
                "FFFFFF".to_owned()
            } else {
                format!("{:06X}", place * 0x12_1416)
            };
            format!("<a:{name}><a:srgbClr val=\"{shade}\"/></a:{name}>")
        })
        .collect::<Vec<_>>()
        .concat();
    let fonts = "<a:latin typeface=\"Calibri\"/><a:ea typeface=\"\"/><a:cs typeface=\"\"/>";
    let fill = "<a:solidFill><a:schemeClr val=\"phClr\"/></a:solidFill>";
    let line = format!("<a:ln w=\"6350\">{fill}</a:ln>");
    let effect = "<a:effectStyle><a:effectLst/></a:effectStyle>";
    format!(
        "{HEAD}<a:theme {NAMES} name=\"Plain\"><a:themeElements><a:clrScheme name=\"Plain\">{colours}</a:clrScheme><a:fontScheme name=\"Plain\"><a:majorFont>{fonts}</a:majorFont><a:minorFont>{fonts}</a:minorFont></a:fontScheme><a:fmtScheme name=\"Plain\"><a:fillStyleLst>{}</a:fillStyleLst><a:lnStyleLst>{}</a:lnStyleLst><a:effectStyleLst>{}</a:effectStyleLst><a:bgFillStyleLst>{}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>",
        fill.repeat(3),
        line.repeat(3),
        effect.repeat(3),
        fill.repeat(3)
    )
}
