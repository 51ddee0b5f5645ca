//! The one set of icons: one for each service, and the connector's own for what belongs to none.

use crate::policy::Service;

/// Goes up with any change of a picture: whoever has one keeps it for good.
pub const ICON_SET: &str = "1";

/// A picture as clients fetch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IconFile {
    /// The last part of its address.
    pub name: &'static str,
    pub media_type: &'static str,
    pub bytes: &'static [u8],
}

/// A picture in both formats: PNG, which every client must be able to show, and SVG.
/// Source: MCP 2026-07-28, "Icons".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Icon {
    pub png: IconFile,
    pub svg: IconFile,
}

macro_rules! icon {
    ($name:literal) => {
        Icon {
            png: IconFile {
                name: concat!($name, ".png"),
                media_type: "image/png",
                bytes: include_bytes!(concat!("icons/", $name, ".png")),
            },
            svg: IconFile {
                name: concat!($name, ".svg"),
                media_type: "image/svg+xml",
                bytes: include_bytes!(concat!("icons/", $name, ".svg")),
            },
        }
    };
}

const MAIL: Icon = icon!("mail");
const CALENDAR: Icon = icon!("calendar");
const FILES: Icon = icon!("files");
const TEAMS: Icon = icon!("teams");
const MEETINGS: Icon = icon!("meetings");
const PEOPLE: Icon = icon!("people");

impl Icon {
    pub const CONNECTOR: Self = icon!("connector");

    const ALL: [Self; 7] = [MAIL, CALENDAR, FILES, TEAMS, MEETINGS, PEOPLE, Self::CONNECTOR];

    /// Of the service that a tool reads, by its name.
    pub fn of_tool(name: &str) -> Self {
        match Service::of_tool(name) {
            Some(Service::Mail) => MAIL,
            Some(Service::Calendar) => CALENDAR,
            Some(Service::Files) => FILES,
            Some(Service::Teams) => TEAMS,
            Some(Service::Meetings) => MEETINGS,
            Some(Service::People) => PEOPLE,
            None => Self::CONNECTOR,
        }
    }
}

impl IconFile {
    /// The file of this name.
    pub fn named(name: &str) -> Option<Self> {
        Icon::ALL.iter().flat_map(|icon| [icon.png, icon.svg]).find(|file| file.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, a client would show a broken picture, or one that fetches something.
    #[test]
    fn every_file_is_what_it_says_and_fetches_nothing() {
        for icon in Icon::ALL {
            assert!(icon.png.bytes.starts_with(b"\x89PNG\r\n"), "{}", icon.png.name);
            let svg = std::str::from_utf8(icon.svg.bytes).unwrap();
            assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{}", icon.svg.name);
            for reaching_out in ["href", "<script", "<style", "url(", "on", "<foreignObject"] {
                let rest = svg.replace("version", "").replace("stroke-linejoin=\"round\"", "");
                assert!(!rest.contains(&format!(" {reaching_out}")), "{}: {reaching_out}", icon.svg.name);
            }
            assert_eq!(IconFile::named(icon.png.name), Some(icon.png));
            assert!(icon.png.bytes.len() < 4_096);
        }
    }
}
