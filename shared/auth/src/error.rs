//! Why a store did not do its part.

/// Why a store did not do what it was asked; it is done wholly or not at all, and a retry is safe.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store refused, throttled, timed out or could not be reached.
    #[error("{operation}: the store is unavailable: {cause}")]
    Unavailable {
        /// What was asked of it.
        operation: &'static str,
        /// What it or the network said; never an item.
        cause: String,
    },
    /// The store holds an item that is not of the expected form. Which value is wrong is not said, since every way to
    /// say how would show it.
    #[error("{operation}: the stored item is malformed")]
    Malformed {
        /// What was asked of it.
        operation: &'static str,
    },
}
