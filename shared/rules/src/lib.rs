//! Route rules: what some routes require of their callers, in addition to a valid token.
//!
//! A rule covers what a pattern in an IAM policy covers: `{id}`, `{proxy+}` and the method `ANY` become a `*`, and a
//! `*` spans slashes. A request is compared with a rule in three forms: the gateway's name of its route, its path as
//! the caller wrote it, and its path in a normal form. If one of them matches, a caller who does not satisfy the rule
//! is refused.
//!
//! ```
//! use rules::{Called, Caller, Kept, RuleFile, Rules};
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
//! let analyst = Caller { role: "analyst", scope: "", acr: "aal1", age: 0 };
//! assert!(rules.refusing_rules(&called, &analyst).is_empty());
//! let guest = Caller { role: "guest", ..analyst };
//! assert_eq!(rules.refusing_rules(&called, &guest).len(), 1);
//! ```

mod api;
mod called;
mod caller;
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
pub use caller::{Assurance, Caller, Lack};
pub use file::{InvalidRuleFile, RuleFile};
pub use limits::MAX_ARN;
pub use parameter_route::ParameterRoute;
pub use rule::Rule;
pub use rules::Rules;
pub use unsatisfied::Unsatisfied;
