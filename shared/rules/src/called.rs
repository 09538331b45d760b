//! A request, in the forms in which it is compared with rules.

use crate::{
    normal_form::NormalForm,
    patterns::Patterns,
    route::{Reach, Route},
};

/// What the event of the authorizer contains about a request.
#[derive(Clone, Debug)]
pub struct Called {
    /// The id of the request's API, or `None` if the event does not contain it.
    pub api: Option<String>,
    /// The request's route, as the gateway names it: `ANY /{proxy+}`, `$default`, `$connect`. It is `None` if the event
    /// does not name it.
    pub route: Option<String>,
    /// The request's method and path, as the caller wrote them: `GET/reports/7`. For a WebSocket API it is `$connect`,
    /// and it is `None` if the event has no valid ARN.
    pub request: Option<String>,
    /// Which other requests may get the answer from the gateway's cache.
    pub kept: Kept,
}

/// Which other requests may get the answer to a request from the gateway's cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// No other request: the answer is not cached.
    Never,
    /// Every request of the same route, with any path: the answer is API Gateway's simple response.
    ForItsRoute,
    /// Every request at the stage: the answer is a policy, which the gateway compares with the path of each request.
    ForItsStage,
}

/// A request in each of the forms in which it is compared with rules.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    called: &'a Called,
    route: Option<Route>,
    /// Whether the request is refused if it is uncertain whether a rule covers it. This is `true` if the answer is for
    /// this request alone. It is also `true` if the routes with a parameter are unknown, because a policy that is made
    /// without them might fail to deny the request.
    is_refused_in_doubt: bool,
    /// The method and the path in normal form, `GET/reports/7`.
    normal: NormalForm,
}

impl<'a> Reading<'a> {
    /// Brings a request into the forms in which it is compared with rules. `are_routes_known` is whether the rules have
    /// a list of the routes with a parameter. With this list, a policy denies every listed route that a rule covers,
    /// even in part.
    pub(crate) fn new(called: &'a Called, are_routes_known: bool) -> Self {
        let request = called.request.as_deref().and_then(|request| request.split_once('/'));
        let method = request.map(|(method, _)| method.to_ascii_uppercase());
        let normal = request.map(|(_, path)| NormalForm::from_path(&format!("/{path}")));
        let named = called
            .route
            .as_deref()
            .map(|name| match name.split_once(' ').unwrap_or(("ANY", name)) {
                (method, "$default") => (method, "/{default+}"),
                other => other,
            });
        // An answer that is cached for its route is for every method of the route. Any other answer is only for the
        // method of the request.
        let known = method.as_deref().filter(|_| called.kept != Kept::ForItsRoute);
        Self {
            called,
            is_refused_in_doubt: called.kept == Kept::Never || !are_routes_known,
            route: named.and_then(|(of_route, path)| Route::new(known.unwrap_or(of_route), path)),
            normal: match normal {
                Some(NormalForm::Path(path)) => NormalForm::Path(method.unwrap_or_default() + &path),
                Some(other) => other,
                None => NormalForm::Elsewhere,
            },
        }
    }

    /// Returns whether a caller who does not satisfy `rule` is refused.
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

    /// Returns whether a rule covers, or may cover, the path of the request. It returns `false` for a route without a
    /// parameter: such a route has a single path, and `reach` alone decides about it.
    fn has_path_of(&self, rule: &Patterns, reach: Option<Reach>) -> bool {
        if self.route.as_ref().is_some_and(|route| !route.has_parameter()) {
            return false;
        }
        if reach == Some(Reach::Nothing) {
            return match &self.normal {
                NormalForm::Path(request) => rule.of_routes.iter().any(|pattern| pattern.covers(request)),
                NormalForm::Uncertain => false,
                NormalForm::Elsewhere => self.is_refused_in_doubt,
            };
        }
        let written = |request: &String| rule.written.iter().any(|pattern| pattern.covers(request));
        let normal = |request: &str| rule.normal.iter().any(|pattern| pattern.covers(request));
        self.called.request.as_ref().is_none_or(written)
            || match &self.normal {
                NormalForm::Path(request) => {
                    normal(request) || (self.is_refused_in_doubt && strip_format(request).is_some_and(normal))
                }
                NormalForm::Uncertain | NormalForm::Elsewhere => self.is_refused_in_doubt,
            }
    }
}

/// Returns a request without the ending that some routers read as a format: `GET/reports` for `GET/reports.json`.
/// Returns `None` if the request has no such ending.
fn strip_format(request: &str) -> Option<&str> {
    let (name, format) = request.rsplit_once('.')?;
    (!format.contains('/')).then_some(name)
}
