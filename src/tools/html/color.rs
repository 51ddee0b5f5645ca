//! Colours, as far as it takes to tell text from what is behind it.

/// A colour; what is not plain is unknown, and hides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Color {
    Rgb(u8, u8, u8),
    Transparent,
    Unknown,
}

/// In steps of one channel: colours that are nearer than this can't be told apart by a reader.
const SAME: u8 = 12;

impl Color {
    pub(super) const WHITE: Self = Self::Rgb(255, 255, 255);
    pub(super) const BLACK: Self = Self::Rgb(0, 0, 0);

    /// As CSS or an HTML attribute writes it, lower case.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Some(hex) = text.strip_prefix('#') {
            return from_hex(hex).unwrap_or(Self::Unknown);
        }
        if let Some(channels) = text.strip_prefix("rgb").and_then(|rest| rest.split_once('(')) {
            return from_channels(channels.1).unwrap_or(Self::Unknown);
        }
        match text {
            "white" | "window" => Self::WHITE,
            "black" | "windowtext" => Self::BLACK,
            "transparent" => Self::Transparent,
            "snow" => Self::Rgb(255, 250, 250),
            "ivory" => Self::Rgb(255, 255, 240),
            "ghostwhite" => Self::Rgb(248, 248, 255),
            "whitesmoke" => Self::Rgb(245, 245, 245),
            _ => Self::Unknown,
        }
    }

    /// Whether text of this colour can't be read on `background`.
    pub(super) fn vanishes_on(self, background: Self) -> bool {
        match (self, background) {
            (Self::Transparent, _) => true,
            (Self::Rgb(red, green, blue), Self::Rgb(behind_red, behind_green, behind_blue)) => {
                let pairs = [(red, behind_red), (green, behind_green), (blue, behind_blue)];
                pairs.iter().all(|(text, behind)| text.abs_diff(*behind) <= SAME)
            }
            (Self::Rgb(..), Self::Transparent | Self::Unknown) | (Self::Unknown, _) => false,
        }
    }
}

fn from_hex(hex: &str) -> Option<Color> {
    let digit = |at: usize| hex.get(at..=at).and_then(|digit| u8::from_str_radix(digit, 16).ok());
    let pair = |at: usize| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    match hex.len() {
        3 => Some(Color::Rgb(digit(0)? * 17, digit(1)? * 17, digit(2)? * 17)),
        8 if pair(6)? == 0 => Some(Color::Transparent),
        6 | 8 => Some(Color::Rgb(pair(0)?, pair(2)?, pair(4)?)),
        _ => None,
    }
}

/// `255, 255, 255)` or `0 0 0 / 0)`.
fn from_channels(text: &str) -> Option<Color> {
    let mut numbers = text
        .trim_end_matches(')')
        .split([',', ' ', '/'])
        .filter(|part| !part.is_empty())
        .map(|part| part.trim_end_matches('%').parse::<f32>());
    let mut channel = || {
        let value = numbers.next()?.ok()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to what a byte holds"
        )]
        Some(value.clamp(0.0, 255.0) as u8)
    };
    let (red, green, blue) = (channel()?, channel()?, channel()?);
    match numbers.next() {
        Some(Ok(alpha)) if alpha <= 0.05 => Some(Color::Transparent),
        _ => Some(Color::Rgb(red, green, blue)),
    }
}
