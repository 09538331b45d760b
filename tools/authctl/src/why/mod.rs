//! `authctl why` tells the story of one request: what the gateway, the authorizer and the function did with it, and
//! what is known about its user and session.

mod arguments;
mod meaning;
mod person;
mod story;

pub(crate) use self::arguments::Why;
use self::{arguments::RequestId, person::Person, story::Story};
use crate::{
    arguments::{Output, Target},
    failure::NotThere,
    logs::{Line, Logs},
    output,
};

/// Prints the story of a request.
///
/// # Errors
/// If no log has the request, or a log cannot be read.
pub(crate) async fn run(command: Why, target: &Target, output: Output) -> anyhow::Result<()> {
    let lines = find(&command, target).await?;
    let id = command.request.as_str();
    let story = Story::of(id, lines).ok_or_else(|| {
        NotThere(format!(
            "no log has the request {id}: a line arrives within a minute; for an older request, pass --since 7d; for one \
             to another API, pass its --access-log"
        ))
    })?;
    let person = match story.user() {
        None => None,
        Some(user) => Some(Person::find(user, story.session(), target).await),
    };
    let story = story.with_person(person);
    output::print_result(&story, &story.text(), output)
}

/// Returns the lines about a request.
async fn find(command: &Why, target: &Target) -> anyhow::Result<Vec<Line>> {
    let Why {
        request,
        since,
        access_log,
    } = command;
    let insights = match Logs::of(target).await? {
        Logs::Cloud(insights) => insights,
        Logs::Local(files) => {
            let mut lines = Vec::new();
            files.visit(*since, |line| {
                if is_about(&line, request) {
                    lines.push(line);
                }
            })?;
            return Ok(lines);
        }
    };
    let mut groups = insights.all();
    groups.extend(access_log.iter().cloned());
    let id = request.as_str();
    let filter = format!(r#"requestId = "{id}" or correlation_id = "{id}" or function_request_id = "{id}""#);
    let mut lines = insights.lines(&groups, &filter, *since).await?;
    if let Some(filter) = of_lambda(&lines) {
        lines.extend(insights.lines(&insights.functions(), &filter, *since).await?);
    }
    Ok(lines)
}

/// Returns the filter for Lambda's own lines about the invocations of these lines, or `None` if there are none.
fn of_lambda(lines: &[Line]) -> Option<String> {
    let ids = lines.iter();
    let ids = ids.filter_map(|line| {
        line.text("function_request_id")
            .or_else(|| line.text("functionRequestId"))
    });
    let quoted = ids.filter_map(|id| id.parse::<RequestId>().ok());
    let mut quoted: Vec<_> = quoted.map(|id| format!("\"{}\"", id.as_str())).collect();
    quoted.sort();
    quoted.dedup();
    (!quoted.is_empty()).then(|| {
        format!(
            r#"type = "platform.report" and record.requestId in [{}]"#,
            quoted.join(", ")
        )
    })
}

fn is_about(line: &Line, request: &RequestId) -> bool {
    ["requestId", "correlation_id", "function_request_id"]
        .iter()
        .any(|name| line.text(name) == Some(request.as_str()))
}
