//! Route rules: what some routes require of their callers, in addition to a valid token.
//!
//! A rule covers what an IAM policy can express: `{id}`, `{proxy+}` and the method `ANY` are a `*`, and a `*` spans
//! slashes. A request is compared with it by the gateway's name of its route, by its path as it is written, and by its
//! path in a normal form. The request is refused if one of the three matches.
//!
//! ```
//! use rules::{Called, Kept, RuleFile, Rules};
//!
//! let file = "longest_stage = 0\n[[rule]]\nmethod = \"GET\"\npath = \"/reports\"\nrole = \"analyst\"\n";
//! let rules = Rules::from(RuleFile::parse(file).unwrap());
//! let called = Called {
//!     api: None,
//!     route: Some("GET /reports".to_owned()),
//!     request: Some("GET/reports".to_owned()),
//!     kept: Kept::ForItsRoute,
//! };
//!
//! assert!(rules.refusing_rules(&called, "analyst", "").is_empty());
//! assert_eq!(rules.refusing_rules(&called, "guest", "").len(), 1);
//! ```

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
