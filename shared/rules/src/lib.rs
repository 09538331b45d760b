//! Route rules: what some routes demand of whoever calls them, beside a valid token.
//!
//! A rule covers what an IAM policy can say of it: `{id}`, `{proxy+}` and the method `ANY` are a `*`, and a `*` spans
//! slashes. A request is held against it by the gateway's name of its route, by its path as it is written, and by its
//! path in a normal form; the request is refused when one of the three matches.

mod api;
mod called;
mod file;
mod limits;
mod normal_form;
mod parameter_route;
mod pattern;
mod patterns;
mod route;
mod rule;
mod rules;
mod unsatisfied;

pub use called::{Called, Kept};
pub use file::{InvalidRuleFile, RuleFile};
pub use limits::MAX_ARN;
pub use parameter_route::ParameterRoute;
pub use rule::Rule;
pub use rules::Rules;
pub use unsatisfied::Unsatisfied;
