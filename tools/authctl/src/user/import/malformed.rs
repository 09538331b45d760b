//! The reasons why a record cannot be read.

use super::text_lines::MAX_LENGTH;

/// The defect of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("longer than {MAX_LENGTH} bytes")]
    TooLong,
    #[error("unclosed quote")]
    OpenQuote,
    #[error("a quote inside a cell is not doubled")]
    LooseQuote,
}
