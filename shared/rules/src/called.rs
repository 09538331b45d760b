//! What was called, in each of the ways in which it is held against rules.

use crate::{
    normal_form::NormalForm,
    pattern::covers,
    patterns::Patterns,
    route::{Reach, Route},
};

/// A request, as far as it is known.
#[derive(Clone, Debug)]
pub struct Called {
    /// The id of its API.
    pub api: Option<String>,
    /// The gateway's name of its route: `ANY /{proxy+}`, `$default`.
    pub route: Option<String>,
    /// Its method and its path as the caller wrote it: `GET/reports/7`.
    pub request: Option<String>,
    /// For what else the gateway may keep the answer.
    pub kept: Kept,
}

/// For what else the gateway may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// For nothing.
    Never,
    /// For every request of the same route, as a simple answer: its path does not count.
    ForItsRoute,
    /// For every request at the stage, as a policy that the gateway compares with each path.
    ForItsStage,
}

/// A request in each of the ways in which it is held against rules.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    called: &'a Called,
    route: Option<Route>,
    /// Whether the answer is for this request alone, or may not trust a policy to deny what is doubtful.
    is_refused_in_doubt: bool,
    /// `GET/reports/7`, of a path that has such a form.
    normal: NormalForm,
}

impl<'a> Reading<'a> {
    /// `are_routes_known` says whether a policy denies every route of which a rule covers a part.
    pub(crate) fn of(called: &'a Called, are_routes_known: bool) -> Self {
        let request = called.request.as_deref().and_then(|request| request.split_once('/'));
        let method = request.map(|(method, _)| method.to_ascii_uppercase());
        let normal = request.map(|(_, path)| NormalForm::of(&format!("/{path}")));
        let named = called
            .route
            .as_deref()
            .map(|name| match name.split_once(' ').unwrap_or(("ANY", name)) {
                (method, "$default") => (method, "/{default+}"),
                other => other,
            });
        // Where the answer is for this request, or a policy says which methods it is for, the method is known.
        let known = method.as_deref().filter(|_| called.kept != Kept::ForItsRoute);
        Self {
            called,
            is_refused_in_doubt: called.kept == Kept::Never || !are_routes_known,
            route: named.and_then(|(of_route, path)| Route::new(known.unwrap_or(of_route), path)),
            normal: match normal {
                Some(NormalForm::Of(path)) => NormalForm::Of(method.unwrap_or_default() + &path),
                Some(other) => other,
                None => NormalForm::Elsewhere,
            },
        }
    }

    /// Whether a caller who does not satisfy a rule is refused.
    pub(crate) fn is_refused_by(&self, rule: &Patterns) -> bool {
        let reach = self.route.as_ref().map(|route| route.reach(&rule.of_routes));
        match (self.called.kept, reach) {
            (_, Some(Reach::Whole))
            | (Kept::ForItsRoute | Kept::ForItsStage, Some(Reach::Part))
            | (Kept::ForItsRoute, None) => true,
            (Kept::ForItsRoute, Some(Reach::Nothing)) => false,
            (Kept::Never, _) | (Kept::ForItsStage, Some(Reach::Nothing) | None) => self.has_path_of(rule, reach),
        }
    }

    /// Whether its path is one that a rule covers, or may be one.
    fn has_path_of(&self, rule: &Patterns, reach: Option<Reach>) -> bool {
        if self.route.as_ref().is_some_and(|route| !route.has_parameter()) {
            return false;
        }
        if reach == Some(Reach::Nothing) {
            return match &self.normal {
                NormalForm::Of(request) => rule.of_routes.iter().any(|pattern| covers(pattern, request)),
                NormalForm::Uncertain => false,
                NormalForm::Elsewhere => self.is_refused_in_doubt,
            };
        }
        let written = |request: &String| rule.written.iter().any(|pattern| covers(pattern, request));
        let normal = |request: &str| rule.normal.iter().any(|pattern| covers(pattern, request));
        self.called.request.as_ref().is_none_or(written)
            || match &self.normal {
                NormalForm::Of(request) => {
                    normal(request) || (self.is_refused_in_doubt && without_format(request).is_some_and(normal))
                }
                NormalForm::Uncertain | NormalForm::Elsewhere => self.is_refused_in_doubt,
            }
    }
}

/// A request without what some routers take for a format: `GET/reports` of `GET/reports.json`.
fn without_format(request: &str) -> Option<&str> {
    let (name, format) = request.rsplit_once('.')?;
    (!format.contains('/')).then_some(name)
}
