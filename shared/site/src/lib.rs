//! The pages of `clients/pages` and the contract of the API: which file is at which path, and with which headers. The
//! function `pages` and `cargo dev` both serve them from here, so they cannot differ.

mod accent;
mod files;
mod site;

pub use files::Asset;
pub use site::{File, Site};
