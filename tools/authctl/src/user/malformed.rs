//! Why a line, or a record of several, cannot be read.

use super::text_lines::MAX_LENGTH;

/// What is wrong with the text of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("is longer than {MAX_LENGTH} bytes")]
    TooLong,
    #[error("a quote is left open")]
    OpenQuote,
    #[error("a quote inside a cell is not doubled")]
    LooseQuote,
}
