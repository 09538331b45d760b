//! `GET /auth/sessions` lists the caller's own sessions, and `DELETE /auth/sessions/{sid}` ends one of them.

use api::{Answer, Failure, Handler, Request, SessionsRequest};
use auth::{feed::BudgetedFeed, session::ListLimit};
use claims::Moment;
use config::{ConfigError, Environment};
use store::{Attempts, Aws, FeedTable, SessionTable, UserTable};

/// The `sessions` function, which is made once per process.
#[derive(Debug)]
pub struct Sessions {
    users: UserTable,
    table: SessionTable,
    feed: BudgetedFeed<FeedTable, Attempts>,
    limit: ListLimit,
}

impl Sessions {
    /// Creates the function from its environment.
    ///
    /// # Errors
    /// If a variable is missing or invalid.
    pub async fn new(environment: &Environment, aws: &Aws, _: Moment) -> Result<Self, ConfigError> {
        let client = aws.dynamodb();
        let users = UserTable::new(client.clone(), environment.users_table()?);
        Box::pin(users.prepare()).await;
        Ok(Self {
            users,
            table: SessionTable::new(client.clone(), environment.refresh_tokens_table()?),
            feed: BudgetedFeed::new(
                FeedTable::new(client.clone(), environment.authorizer_feed_table()?),
                Attempts::new(client, environment.attempts_table()?),
            ),
            limit: ListLimit::default(),
        })
    }
}

impl Handler for Sessions {
    async fn handle(&self, request: Request, now: Moment) -> Result<Answer, Failure> {
        let caller = request.caller()?;

        Ok(match request.sessions_request()? {
            SessionsRequest::List { before, limit } => {
                let (user_id, now) = (&caller.user_id, now.timestamp());
                self.limit.admit(user_id, now)?;
                let page = auth::session::list_sessions(user_id, before, limit, now, &self.users, &self.table).await?;
                Answer::sessions(&page, &caller.sid)
            }
            SessionsRequest::Revoke(sid) => {
                auth::session::revoke_session(&caller.user_id, &sid, now, &self.users, &self.table, &self.feed).await?;
                Answer::session_revoked(&caller.user_id, &sid)
            }
        })
    }
}
