//! How an element looks: whether its text can be seen.

use super::color::Color;
use super::style::{Declarations, Sheet};
use super::tree::{NodeId, Tree};

/// Text of this size or smaller is no text for people, in the value's own unit.
const SMALLEST: f32 = 1.0;
/// Moved this far to the left or up, in pixels, something is out of sight.
const OUT_OF_SIGHT: f32 = -900.0;

/// What an element hands on to those in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    color: Color,
    background: Color,
    font_size: Option<f32>,
}

impl Look {
    /// Black on white, as mail is read.
    pub(super) const PLAIN: Self = Self { color: Color::BLACK, background: Color::WHITE, font_size: None };

    /// Whether text that looks like this can be read.
    pub(super) fn is_readable(self) -> bool {
        !self.color.vanishes_on(self.background) && self.font_size.is_none_or(|size| size > SMALLEST)
    }

    /// The look inside of `node`; `None` where nothing in it can be seen.
    pub(super) fn inside(self, tree: &Tree, node: NodeId, sheet: &Sheet) -> Option<Self> {
        if tree.attribute(node, "hidden").is_some() {
            return None;
        }
        let tag = tree.tag(node).unwrap_or_default();
        let mut style = sheet.declarations(tag, tree.attribute(node, "class"), tree.attribute(node, "id"));
        if let Some(own) = tree.attribute(node, "style") {
            style.extend(&Declarations::parse(own));
        }
        if is_out_of_sight(&style) {
            return None;
        }
        Some(self.with(&style, tree, node))
    }

    fn with(mut self, style: &Declarations, tree: &Tree, node: NodeId) -> Self {
        let attribute = |name| tree.attribute(node, name).map(str::to_ascii_lowercase);
        let color = style.value("color").map(str::to_owned).or_else(|| attribute("color"));
        match color.as_deref() {
            None | Some("inherit") => {}
            Some(color) => self.color = Color::parse(color),
        }
        let painted = style.value("background-color").or_else(|| style.value("background"));
        let painted = painted.map(str::to_owned).or_else(|| attribute("bgcolor"));
        match painted.as_deref().map(background) {
            None | Some(Color::Transparent) => {}
            Some(paint) => self.background = paint,
        }
        let picture = style.value("background-image").is_some_and(|image| image.contains("url"));
        if picture || tree.attribute(node, "background").is_some() {
            self.background = Color::Unknown;
        }
        if let Some(size) = style.number("font-size") {
            let is_relative =
                style.value("font-size").is_some_and(|value| value.ends_with("em") || value.ends_with('%'));
            // A share of a size is small only where it is next to nothing.
            self.font_size = if is_relative && size > 0.05 { None } else { Some(size) };
        }
        self
    }
}

/// The colour in a shorthand; with a picture in it, unknown.
fn background(paint: &str) -> Color {
    if paint.contains("url") || paint.contains("gradient") {
        return Color::Unknown;
    }
    match Color::parse(paint) {
        Color::Unknown => {
            paint.split_whitespace().map(Color::parse).find(|color| *color != Color::Unknown).unwrap_or(
                if matches!(paint, "none" | "inherit" | "initial") {
                    Color::Transparent
                } else {
                    Color::Unknown
                },
            )
        }
        plain => plain,
    }
}

fn is_out_of_sight(style: &Declarations) -> bool {
    let is = |name, value: &str| style.value(name).is_some_and(|given| given == value);
    let nothing = |name| style.number(name).is_some_and(|number| number <= 0.0);
    let far = |name| style.number(name).is_some_and(|number| number <= OUT_OF_SIGHT);
    let no_room = style.value("overflow").is_some_and(|value| value.contains("hidden"))
        && (nothing("max-height") || nothing("height") || nothing("width") || nothing("max-width"));
    let clipped = style.value("clip").is_some_and(|clip| clip.replace(' ', "").starts_with("rect(0"))
        || style
            .value("clip-path")
            .is_some_and(|clip| clip.contains("inset(100%") || clip.contains("circle(0"));
    is("display", "none")
        || is("visibility", "hidden")
        || is("visibility", "collapse")
        || is("mso-hide", "all")
        || is("content-visibility", "hidden")
        || style.number("opacity").is_some_and(|opacity| opacity <= 0.05)
        || style.value("transform").is_some_and(|transform| transform.replace(' ', "").contains("scale(0)"))
        || no_room
        || clipped
        || far("text-indent")
        || (style.value("position").is_some_and(|value| matches!(value, "absolute" | "fixed"))
            && (far("left") || far("top")))
        || far("margin-left")
}
