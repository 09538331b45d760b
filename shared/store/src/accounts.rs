//! Users together with their credentials.

use auth::{
    accounts::{AddUsers, Addition, ChangeClaims, ChangeUsers, ReplacePassword},
    error::StoreError,
    password::{FindPassword, FindPasswords, PasswordHash, PasswordRecord, UpgradeHash},
    user::{Email, FindUser, User},
};
use aws_sdk_dynamodb::types::TransactWriteItem;
use claims::{Role, Scope, UserId};
use serde_json::{Map, Value};

use crate::{
    CredentialsTable, UserTable,
    credentials::EMAIL,
    credentials_item::CredentialsItem,
    fault::malformed,
    item::put_new,
    transaction::transact,
    user_item::UserItem,
    users::{IS_THERE, USER_ID},
};

/// The table of users and the table of credentials.
#[derive(Clone, Debug)]
pub struct Accounts {
    pub(crate) users: UserTable,
    pub(crate) credentials: CredentialsTable,
}

impl Accounts {
    /// Combines the table of users with the table of credentials.
    #[must_use]
    pub const fn new(users: UserTable, credentials: CredentialsTable) -> Self {
        Self { users, credentials }
    }

    /// Writes to both tables in one transaction. Returns `false` if a condition did not hold.
    pub(crate) async fn transact(
        &self,
        operation: &'static str,
        writes: Vec<TransactWriteItem>,
    ) -> Result<bool, StoreError> {
        let request = self.users.client.transact_write_items();
        transact(operation, request.set_transact_items(Some(writes))).await
    }
}

impl FindPassword for Accounts {
    async fn password_record(&self, email: &Email) -> Result<Option<PasswordRecord>, StoreError> {
        self.credentials.password_record(email).await
    }
}

impl FindPasswords for Accounts {
    async fn password_records(&self, emails: &[&Email]) -> Result<Vec<Option<PasswordRecord>>, StoreError> {
        self.credentials.password_records(emails).await
    }
}

impl UpgradeHash for Accounts {
    async fn upgrade(&self, email: &Email, old: &PasswordHash, new: &PasswordHash) -> Result<bool, StoreError> {
        self.credentials.upgrade(email, old, new).await
    }
}

impl FindUser for Accounts {
    async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        self.users.user(id).await
    }
}

impl AddUsers for Accounts {
    async fn add(&self, user: &User, email: &Email, credentials: &PasswordRecord) -> Result<Addition, StoreError> {
        const OPERATION: &str = "add user";
        let credentials = CredentialsItem::new(email, credentials);
        let writes = vec![
            put_new(OPERATION, &self.credentials.name, EMAIL, credentials)?,
            put_new(OPERATION, &self.users.name, USER_ID, UserItem::from(user))?,
            self.users.never_removed(OPERATION, &user.id)?,
        ];
        // No idempotency token is set here: the SDK draws one for each call and repeats it on retries. If the token
        // were derived from the user, a second, different request would have the same token, and DynamoDB would refuse
        // that request.
        let added = self.transact(OPERATION, writes).await?;
        Ok(if added { Addition::Added } else { Addition::Taken })
    }
}

impl ChangeUsers for Accounts {
    async fn set_role(&self, id: &UserId, role: &Role) -> Result<bool, StoreError> {
        self.users.set_attribute("set role", id, "role", role).await
    }

    async fn disable(&self, id: &UserId) -> Result<Option<u64>, StoreError> {
        self.users.disable(id).await
    }

    async fn enable(&self, id: &UserId) -> Result<bool, StoreError> {
        self.users.enable(id).await
    }
}

impl ChangeClaims for Accounts {
    async fn set_scope(&self, id: &UserId, scope: &Scope) -> Result<bool, StoreError> {
        self.users.set_attribute("set scope", id, "scopes", scope).await
    }

    async fn set_custom_claims(&self, id: &UserId, claims: &Map<String, Value>) -> Result<bool, StoreError> {
        self.users
            .set_attribute("set custom claims", id, "custom_claims", claims)
            .await
    }
}

impl ReplacePassword for Accounts {
    async fn replace_password(&self, email: &Email, credentials: &PasswordRecord) -> Result<bool, StoreError> {
        const OPERATION: &str = "set credentials";
        let updates = [
            self.credentials.replace_update(email, credentials, "user_id = :id"),
            self.users
                .raise_epoch_update(&credentials.user_id, IS_THERE, credentials.password_changed_at),
        ];
        let writes = updates.map(|update| {
            let update = update.build().map_err(|_| malformed(OPERATION))?;
            Ok(TransactWriteItem::builder().update(update).build())
        });
        self.transact(OPERATION, writes.into_iter().collect::<Result<_, _>>()?)
            .await
    }
}
