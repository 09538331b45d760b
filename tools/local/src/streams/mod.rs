//! The streams of tables, delivered to functions as Lambda's event source mappings deliver them.

mod decision;
mod filter;
mod given_up;
mod lane;
mod line;
mod outcome;
mod position;
mod pump;
mod record;
mod stream;
#[cfg(test)]
mod tests;

pub use decision::Limits;
pub use filter::Filter;
pub use pump::Pump;
