//! The settings of the pages.

use std::str::FromStr;

use crate::{ConfigError, Environment};

/// The default accent colour.
const ACCENT: &str = "#2d6a4f";

/// A colour of the sRGB colour space. Its string has the form `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// The red channel.
    pub red: u8,
    /// The green channel.
    pub green: u8,
    /// The blue channel.
    pub blue: u8,
}

/// The error for a string that is not a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a colour such as {ACCENT}")]
pub struct InvalidColour;

impl FromStr for Colour {
    type Err = InvalidColour;

    fn from_str(text: &str) -> Result<Self, InvalidColour> {
        let digits = text.strip_prefix('#').ok_or(InvalidColour)?;
        let is_hex = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hex.then(|| u32::from_str_radix(digits, 16));
        let [_, red, green, blue] = number.and_then(Result::ok).ok_or(InvalidColour)?.to_be_bytes();
        Ok(Self { red, green, blue })
    }
}

impl Environment {
    /// Returns the accent colour of the pages, from `ACCENT_COLOUR`: `#rrggbb`, default `#2d6a4f`.
    ///
    /// # Errors
    /// If it is not a colour.
    pub fn accent_colour(&self) -> Result<Colour, ConfigError> {
        self.parse_or("ACCENT_COLOUR", ACCENT)
    }

    /// Returns whether the API serves the pages, from `PAGES`: `on` or `off`, default `off`.
    ///
    /// # Errors
    /// If it is neither of the two.
    pub(crate) fn has_pages(&self) -> Result<bool, ConfigError> {
        self.one_of("PAGES", [("off", false), ("on", true)])
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_colour_is_read_channel_by_channel() {
        let colour = "#0a80Ff".parse();

        let (red, green, blue) = (0x0a, 0x80, 0xff);
        assert_eq!(colour, Ok(Colour { red, green, blue }));
        assert_eq!(
            Environment::from_iter([("", "")]).accent_colour(),
            Ok(ACCENT.parse().unwrap())
        );
    }

    #[rstest]
    #[case("2d6a4f")]
    #[case("#2d6a4")]
    #[case("#2d6a4f0")]
    #[case("#+d6a4f")]
    #[case("#2d6a4g")]
    #[case("#é6a4f")]
    #[case("green")]
    #[case("#2d6a4f;} body{display:none")]
    fn nothing_else_gets_into_a_style_sheet(#[case] text: &str) {
        let error = Environment::from_iter([("ACCENT_COLOUR", text)])
            .accent_colour()
            .unwrap_err();

        assert_eq!(error.to_string(), "ACCENT_COLOUR: must be a colour such as #2d6a4f");
    }
}
