//! `authctl user list` reads all users, page by page.

use auth::accounts::PageUsers as _;
use store::Accounts;

use super::persistence::retry_outages;
use crate::{
    arguments::Output,
    output::{self, UserRow},
};

/// Lists every user, sorted by id and thereby by age. After a short outage, it continues with the next page.
///
/// # Errors
/// If the store fails for longer than a moment.
pub(super) async fn run(users: &Accounts, output: Output) -> anyhow::Result<()> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = retry_outages(async || users.page(after.as_deref()).await, || true).await?;
        all.extend(page.users);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    all.sort_by(|left, right| left.id.cmp(&right.id));
    let rows = all.iter().map(UserRow::new).collect::<anyhow::Result<Vec<_>>>()?;
    output::print_rows(&rows, output)
}
