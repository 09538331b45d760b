//! The accent colour, and the colours that follow from it. Any colour is accepted, so the text on it and the text in it
//! get the contrast that WCAG 2.2 requires from here (1.4.3 and 1.4.11).

use config::Colour;

/// The lowest contrast of text.
const TEXT: f64 = 4.5;
/// The lowest contrast of a button with what is around it.
const SHAPE: f64 = 3.0;
/// The share of black or white in a button under the pointer.
const HOVER: f64 = 0.12;
/// How many mixtures with black or white are tried.
const STEPS: u8 = 50;

/// The grounds in `pages.css` on which the accent has the lowest contrast: the page in the light scheme, and the card
/// in the dark one.
const LIGHT_GROUND: Shade = Shade([245.0, 244.0, 240.0]);
const DARK_GROUND: Shade = Shade([28.0, 30.0, 32.0]);
const BLACK: Shade = Shade([0.0; 3]);
const WHITE: Shade = Shade([255.0; 3]);

/// Returns the style sheet for an accent colour.
pub(crate) fn style(accent: Colour) -> String {
    let Colour { red, green, blue } = accent;
    let accent = Shade([red, green, blue].map(f64::from));
    let light = rules(accent, BLACK, LIGHT_GROUND, "    ");
    let dark = rules(accent, WHITE, DARK_GROUND, "        ");
    format!(
        "/* The accent colour and what follows from it. The service replaces this file for another colour. */\n\
         :root {{\n{light}}}\n\n\
         @media (prefers-color-scheme: dark) {{\n    :root {{\n{dark}    }}\n}}\n"
    )
}

/// Returns the rules for a scheme. In it, more of `end` gives more contrast with `ground`.
fn rules(accent: Shade, end: Shade, ground: Shade, indent: &str) -> String {
    let button = accent.mix_until(end, ground, SHAPE);
    let (on_button, other) = if button.contrast(WHITE) >= TEXT {
        (WHITE, BLACK)
    } else {
        (BLACK, WHITE)
    };
    [
        ("accent", button),
        ("accent-hover", button.mix(other, HOVER)),
        ("on-accent", on_button),
        ("accent-ink", accent.mix_until(end, ground, TEXT)),
    ]
    .map(|(name, shade)| format!("{indent}--{name}: {};\n", shade.text()))
    .concat()
}

/// A colour: red, green and blue, each from 0 to 255. A mixture is rounded to whole numbers, because the style sheet
/// has only these.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shade([f64; 3]);

impl Shade {
    /// Mixes in as little of `end` as gives the contrast with `ground`.
    fn mix_until(self, end: Self, ground: Self, contrast: f64) -> Self {
        let mut mixtures = (0..=STEPS).map(|step| self.mix(end, f64::from(step) / f64::from(STEPS)));
        mixtures
            .find(|mixture| mixture.contrast(ground) >= contrast)
            .unwrap_or(end)
    }

    fn mix(self, other: Self, share: f64) -> Self {
        let ([red, green, blue], [other_red, other_green, other_blue]) = (self.0, other.0);
        let channel = |own: f64, other: f64| (other - own).mul_add(share, own).round();
        Self([
            channel(red, other_red),
            channel(green, other_green),
            channel(blue, other_blue),
        ])
    }

    /// Returns the contrast of two colours, from 1 to 21 (WCAG 2.2, contrast ratio).
    fn contrast(self, other: Self) -> f64 {
        let (own, other) = (self.luminance() + 0.05, other.luminance() + 0.05);
        own.max(other) / own.min(other)
    }

    /// Returns the brightness from 0 to 1 (WCAG 2.2, relative luminance).
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let share = channel / 255.0;
            if share <= 0.04045 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        });
        0.0722_f64.mul_add(blue, 0.2126_f64.mul_add(red, 0.7152 * green))
    }

    fn text(self) -> String {
        let [red, green, blue] = self.0;
        format!("rgb({red:.0} {green:.0} {blue:.0})")
    }
}

#[cfg(test)]
mod tests {
    use config::Environment;

    use super::*;

    #[test]
    fn the_file_in_the_folder_is_that_of_the_default_colour() {
        let default = Environment::from_iter([("", "")]).accent_colour().unwrap();

        let file = include_str!("../../../clients/pages/assets/accent.css");

        assert_eq!(file, style(default));
    }

    #[test]
    fn the_grounds_are_those_of_the_style_sheet() {
        let file = include_str!("../../../clients/pages/assets/pages.css");

        for ground in ["--ground: #f5f4f0;", "--surface: #1c1e20;"] {
            assert!(file.contains(ground), "{ground}");
        }
    }

    #[test]
    fn every_colour_gets_enough_contrast() {
        let channels = || (0..=255).step_by(17);
        for red in channels() {
            for green in channels() {
                for blue in channels() {
                    let style = style(Colour { red, green, blue });
                    let shades: Vec<Shade> = style.split("rgb(").skip(1).map(shade).collect();

                    for (shades, ground) in [(&shades[..4], LIGHT_GROUND), (&shades[4..], DARK_GROUND)] {
                        let [button, hover, on_button, ink] = shades else {
                            panic!("{style}")
                        };
                        assert!(button.contrast(ground) >= SHAPE, "{style}");
                        assert!(button.contrast(*on_button) >= TEXT, "{style}");
                        assert!(hover.contrast(*on_button) >= TEXT, "{style}");
                        assert!(ink.contrast(ground) >= TEXT, "{style}");
                    }
                }
            }
        }
    }

    fn shade(text: &str) -> Shade {
        let (channels, _) = text.split_once(')').unwrap();
        let channels: Vec<f64> = channels.split(' ').map(|channel| channel.parse().unwrap()).collect();
        Shade(channels.try_into().unwrap())
    }
}
