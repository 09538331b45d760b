//! The error of all operations on stores.

/// Why a store operation failed. The operation may have taken effect nevertheless. Retrying the use case is safe.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store refused the request, throttled it, timed out or could not be reached.
    #[error("{operation}: the store is unavailable: {cause}")]
    Unavailable {
        /// The name of the operation, such as `read user`.
        operation: &'static str,
        /// The error message of the store or the network. It never contains an item.
        cause: String,
    },
    /// The store holds an item that does not have the expected form. The error does not name the wrong value, so that
    /// no value can leak.
    #[error("{operation}: the stored item is malformed")]
    Malformed {
        /// The name of the operation, such as `read user`.
        operation: &'static str,
    },
}
