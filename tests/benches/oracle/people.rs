//! The users whose addresses are known.

use auth::{
    accounts::{ImportedUser, UserRecord},
    password::{FindPassword as _, HashCost, Hasher, Password, PasswordHash, Salt, UpgradeHash as _},
    user::{Email, NewUser, Status},
};
use claims::Clock as _;
use tests::{PASSWORD, Stack};

use crate::{email, login};

/// The number of users, and of disabled ones: each is used once in each group.
pub(crate) const USERS: usize = 1000;
/// The number of samples of each kind of refused login.
pub(crate) const REFUSED: usize = 200;
/// The number of users who ask for a change of their address, for each kind.
pub(crate) const MOVERS: usize = 200;

/// A hash from another system, with the cost of our own hashes.
const FOREIGN_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YSBzYWx0IG9mIDE2IGJ5dA$qArgnxDZNcwLYilcuOx5PYUUCYdm4HFsS+vLCyVxBE4";
/// A hash of [`PASSWORD`] by Python's bcrypt. Its cost is so low that the time of a read is not lost in that of the
/// hash.
const WEAK_HASH: &str = "$2b$05$ELhH2AKqxVeG9NtyfZM61.V7Vaw0MGRvRhjA78n2W1ifmcy1nzL52";

/// Imports the users of all groups but those who move.
pub(crate) async fn import(stack: &Stack) {
    let own_hash = own_hash().await;
    for (name, count, status, hash) in [
        ("user", USERS, Status::Enabled, own_hash.expose()),
        ("disabled", USERS, Status::Disabled, own_hash.expose()),
        ("another", REFUSED, Status::Enabled, own_hash.expose()),
        ("imported", REFUSED, Status::Enabled, FOREIGN_HASH),
    ] {
        for number in 0..count {
            import_user(stack, &email(name, number), status, hash).await;
        }
    }
}

/// Imports the users who move to addresses with this name, and returns their access tokens. Their hashes stay weak.
pub(crate) async fn log_movers_in(stack: &Stack, to: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for number in 0..MOVERS {
        let own = email(&format!("to-{to}"), number);
        import_user(stack, &own, Status::Enabled, WEAK_HASH).await;
        tokens.push(stack.send(login(&own, PASSWORD)).await.text("access_token"));
        // The login has replaced the weak hash.
        let own = Email::parse(&own).unwrap();
        let stored = stack.users.password_record(&own).await.unwrap().unwrap().password_hash;
        let weak = PasswordHash::from_stored(WEAK_HASH.to_owned());
        assert!(stack.users.upgrade(&own, &stored, &weak).await.unwrap());
    }
    tokens
}

async fn own_hash() -> PasswordHash {
    let (password, salt) = (Password::parse(PASSWORD).unwrap(), Salt::new(&mut config::random()));
    Hasher::new(HashCost::MIN).hash(&password, salt).await.unwrap()
}

async fn import_user(stack: &Stack, email: &str, status: Status, hash: &str) {
    let new = NewUser {
        email: Email::parse(email).unwrap(),
        role: stack.user.role.clone(),
        scope: stack.user.scope.clone(),
    };
    let hash = PasswordHash::from_stored(hash.to_owned());
    let mut record = UserRecord::new(new, hash, stack.clock.now(), &mut config::random());
    record.user.status = status;
    let imported = ImportedUser::new(record).unwrap();
    auth::accounts::import_user(&imported, &stack.users).await.unwrap();
}
