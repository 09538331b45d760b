//! Which characters are invisible.

use std::ops::RangeInclusive;

/// The invisible characters of Unicode 17 in ascending order: format characters (general category Cf), and other
/// characters that a program does not show if it does not support them (`Default_Ignorable_Code_Point`).
const INVISIBLE: [RangeInclusive<char>; 25] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{600}'..='\u{605}',
    '\u{61c}'..='\u{61c}',
    '\u{6dd}'..='\u{6dd}',
    '\u{70f}'..='\u{70f}',
    '\u{890}'..='\u{891}',
    '\u{8e2}'..='\u{8e2}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{110bd}'..='\u{110bd}',
    '\u{110cd}'..='\u{110cd}',
    '\u{13430}'..='\u{1343f}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Returns whether a character is invisible: strings that differ only in such characters look the same. White space and
/// control characters do not count as invisible.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    !character.is_ascii() && INVISIBLE.iter().any(|range| range.contains(&character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_without_a_glyph_is_invisible() {
        for invisible in [
            '\u{ad}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{e0041}',
        ] {
            assert!(is_invisible(invisible), "{}", invisible.escape_unicode());
        }
        for visible in [
            'a',
            ' ',
            '-',
            '\u{e4}',
            '\u{ac}',
            '\u{ae}',
            '\u{2010}',
            '\u{4e00}',
            '\u{1f600}',
            '\u{fffd}',
        ] {
            assert!(!is_invisible(visible), "{}", visible.escape_unicode());
        }
    }

    #[test]
    fn the_table_is_in_order() {
        assert!(INVISIBLE.is_sorted_by(|left, right| left.end() < right.start()));
    }
}
