//! `authctl user list` reads all users, page by page, and prints those that the filters match.

use auth::{accounts::PageUsers as _, user::User};
use store::Accounts;

use super::persistence::retry_outages;
use crate::{
    arguments::Output,
    output::{self, UserRow},
    user::arguments::List,
};

impl List {
    fn matches(&self, user: &User) -> bool {
        let has_token = |token: &String| user.scope.as_str().split(' ').any(|found| found == token);
        let starts = |prefix: &String| user.email.to_lowercase().starts_with(&prefix.to_lowercase());
        self.status.is_none_or(|status| user.status == status)
            && self.role.as_ref().is_none_or(|role| user.role == *role)
            && self.scope.as_ref().is_none_or(has_token)
            && self.email_prefix.as_ref().is_none_or(starts)
    }

    fn is_enough(&self, count: usize) -> bool {
        self.limit.is_some_and(|limit| count >= limit.get())
    }
}

/// Lists the users that the filters match, sorted by id. Generated ids sort by their time of creation. Lines of JSON are
/// printed page by page and not sorted, so that any number of users fits into memory. After a short outage, the failed
/// page is read again.
///
/// # Errors
/// If the store still fails after the retries.
pub(super) async fn run(filter: &List, users: &Accounts, output: Output) -> anyhow::Result<()> {
    let (mut kept, mut count, mut after) = (Vec::new(), 0, None);
    loop {
        let page = retry_outages(async || users.page(after.as_deref()).await, || true).await?;
        let left = filter
            .limit
            .map_or(usize::MAX, |limit| limit.get().saturating_sub(count));
        let matching = page.users.into_iter().filter(|user| filter.matches(user)).take(left);
        let before = kept.len();
        kept.extend(matching);
        count = count.saturating_add(kept.len().saturating_sub(before));
        if matches!(output, Output::Jsonl) {
            print(&kept, output)?;
            kept.clear();
        }
        after = page.next;
        if after.is_none() || filter.is_enough(count) {
            break;
        }
    }
    kept.sort_by(|left, right| left.id.cmp(&right.id));
    match output {
        Output::Jsonl => Ok(()),
        Output::Table | Output::Json | Output::Name => print(&kept, output),
    }
}

fn print(users: &[User], output: Output) -> anyhow::Result<()> {
    let rows = users.iter().map(UserRow::new).collect::<anyhow::Result<Vec<_>>>()?;
    output::print_rows(&rows, output)
}

#[cfg(test)]
mod tests {
    use auth::user::{Email, NewUser, Status};
    use claims::{Timestamp, UserId};
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::everyone(List::default(), true)]
    #[case::status(List { status: Some(Status::Enabled), ..List::default() }, true)]
    #[case::other_status(List { status: Some(Status::Disabled), ..List::default() }, false)]
    #[case::role(List { role: "analyst".parse().ok(), ..List::default() }, true)]
    #[case::part_of_a_role(List { role: "analys".parse().ok(), ..List::default() }, false)]
    #[case::token(List { scope: Some("b".to_owned()), ..List::default() }, true)]
    #[case::part_of_a_token(List { scope: Some("a".to_owned()), ..List::default() }, false)]
    #[case::prefix(List { email_prefix: Some("ADA@".to_owned()), ..List::default() }, true)]
    #[case::not_at_the_start(List { email_prefix: Some("example".to_owned()), ..List::default() }, false)]
    #[case::one_of_two(
        List { role: "analyst".parse().ok(), scope: Some("c".to_owned()), ..List::default() },
        false
    )]
    fn a_user_is_listed_if_every_filter_matches(#[case] filter: List, #[case] expected: bool) {
        let new = NewUser {
            email: Email::parse("Ada@Example.com").unwrap(),
            role: "analyst".parse().unwrap(),
            scope: "a:read b".parse().unwrap(),
        };
        let user = User::new(UserId::parse("ada").unwrap(), new, Timestamp::new(0));

        assert_eq!(filter.matches(&user), expected);
    }
}
