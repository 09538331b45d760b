//! What operations cost with more users, more sessions of one user, and more devices of one user.

use std::{cell::RefCell, rc::Rc};

use serde_json::{Value, json};

use crate::{
    contenders::Programs,
    count::{Counted, count},
    growth::filler::Filler,
    markdown,
    measure::{Contender, Mode, run},
    operation::{Operation, Pool, Repeated, Session, take},
    proxy::Proxy,
    store::Store,
    subject::Subject,
};

const USERS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// The numbers of stored sessions of one user. Up to [`ALIVE`] of them are alive, and the others have ended.
const SESSIONS: [usize; 6] = [1, 10, 49, 400, 1_000, 10_000];
/// The maximum number of sessions that are alive, which is one less than the default of `MAX_SESSIONS`.
const ALIVE: usize = 49;
/// The numbers of devices from which one user has logged in. Each has a session, and a login with more than 50 sessions
/// would end some.
const DEVICES: [usize; 3] = [1, 10, 40];
/// The maximum read units of a login: three reads of single items, and 400 sessions of 360 bytes.
const LOGIN_READS: f64 = 40.0;
/// The maximum read units of a list: a read of a single item, and eight queries of 100 sessions.
const LIST_READS: f64 = 74.0;

/// The functions, and where they find the store.
struct Bench<'a> {
    programs: &'a Programs,
    store: &'a Store,
    proxy: Proxy,
    filler: Filler,
    pool: Rc<RefCell<Pool>>,
}

/// Prints the calls, round trips and request units of operations at each size. Returns the bounds that are exceeded.
///
/// # Errors
/// If a function or the store fails.
pub(crate) fn measure(programs: &Programs, store: &Store) -> anyhow::Result<Vec<String>> {
    let mut bench = Bench {
        programs,
        store,
        proxy: Proxy::start(store.endpoint())?,
        filler: Filler::connect(store.endpoint())?,
        pool: Pool::new(programs.checkout.clone(), store.clone(), programs.function("login")),
    };
    // The sessions come first, because a table with a million users makes the embedded engine slower.
    Ok([bench.sessions()?, bench.devices()?, bench.users()?].concat())
}

impl Bench<'_> {
    fn users(&mut self) -> anyhow::Result<Vec<String>> {
        let operations = [
            Operation::Login,
            Operation::Refresh,
            Operation::Sessions,
            Operation::LogoutAll,
        ];
        let known = take(&self.pool)?;
        let (users, credentials) = (self.store.table("UsersTable"), self.store.table("CredentialsTable"));
        let user = self.filler.item(&users, &[("user_id", &known.sub)])?;
        let credential = self.filler.item(&credentials, &[("email", &known.email)])?;
        let (mut table, mut there) = (Table::default(), 0);
        for size in USERS {
            self.filler.fill(&users, &user, there..size, |copy, number| {
                copy["user_id"] = text(&user_id(number));
            })?;
            self.filler
                .fill(&credentials, &credential, there..size, |copy, number| {
                    copy["email"] = text(&format!("copy-{number}@example.com"));
                    copy["user_id"] = text(&user_id(number));
                })?;
            there = size;
            for operation in operations {
                let session = take(&self.pool)?;
                table.add(size, operation, self.count(operation, session)?);
            }
        }
        table.print("Users");
        Ok(table.growing("users", &operations))
    }

    fn sessions(&mut self) -> anyhow::Result<Vec<String>> {
        let sessions = self.store.table("RefreshTokensTable");
        let operations = [
            Operation::Login,
            Operation::Sessions,
            Operation::Refresh,
            Operation::LogoutAll,
        ];
        let mut table = Table::default();
        for size in SESSIONS {
            let session = take(&self.pool)?;
            let item = self
                .filler
                .item(&sessions, &[("user_id", &session.sub), ("sid", &session.sid)])?;
            self.filler.fill(&sessions, &item, 1..size, |copy, number| {
                copy["sid"] = text(&format!("018f0000-0000-7000-8000-{number:012x}"));
                if number >= ALIVE {
                    copy["revoked_at"] = copy["auth_time"].clone();
                    copy["revoke_reason"] = text("logout");
                }
            })?;
            for operation in operations {
                table.add(size, operation, self.count(operation, session.clone())?);
            }
        }
        table.print("Sessions of one user");
        let mut exceeded = table.growing("sessions", &[Operation::Refresh, Operation::LogoutAll]);
        exceeded.extend(table.above(Operation::Login, LOGIN_READS));
        exceeded.extend(table.above(Operation::Sessions, LIST_READS));
        Ok(exceeded)
    }

    fn devices(&mut self) -> anyhow::Result<Vec<String>> {
        let mut table = Table::default();
        for size in DEVICES {
            let session = take(&self.pool)?;
            let mut unknown = session.clone();
            unknown.device_token = None;
            for _ in 1..size {
                let mut login = self.contender(Operation::Login, unknown.clone(), self.store.endpoint())?;
                run(&mut login, Mode::PagesWarm, 0)?;
            }
            // The first device of the user logs in once more.
            table.add(size, Operation::Login, self.count(Operation::Login, session)?);
        }
        table.print("Devices of one user");
        // Each device has a session, and a login reads those.
        let mut exceeded = table.without_reads().growing("devices", &[Operation::Login]);
        exceeded.extend(table.above(Operation::Login, LOGIN_READS));
        Ok(exceeded)
    }

    /// Returns what an operation of this session asks of the store.
    fn count(&self, operation: Operation, session: Session) -> anyhow::Result<Counted> {
        count(
            &mut self.contender(operation, session, &self.proxy.endpoint)?,
            &self.proxy,
        )
    }

    fn contender(&self, operation: Operation, session: Session, endpoint: &str) -> anyhow::Result<Contender> {
        let function = operation.function();
        let environment = self.store.environment(function, endpoint);
        Ok(Contender {
            subject: Subject::binary(operation.name(), self.programs.function(function), environment),
            requests: Box::new(Repeated::of_session(operation, &self.pool, session)?),
            invocations: 0,
        })
    }
}

/// What each operation costs at each size.
#[derive(Debug, Default)]
struct Table(Vec<(usize, Operation, Counted)>);

impl Table {
    fn add(&mut self, size: usize, operation: Operation, counted: Counted) {
        self.0.push((size, operation, counted));
    }

    fn print(&self, heading: &str) {
        let rows = self.0.iter().map(|(size, operation, counted)| {
            vec![
                operation.name().to_owned(),
                markdown::group(*size as u64),
                counted.calls.to_string(),
                counted.trips.to_string(),
                counted.read.to_string(),
                counted.write.to_string(),
            ]
        });
        let mut rows: Vec<Vec<String>> = rows.collect();
        // The sort is stable, so that the rows of an operation stay in the order of their sizes.
        rows.sort_by_key(|row| row[0].clone());
        let head = ["", "size", "calls", "round trips", "read units", "write units"];
        markdown::print(heading, &head, &rows);
    }

    /// Returns the table as if nothing read anything.
    fn without_reads(&self) -> Self {
        let unread = self.0.iter().map(|(size, operation, counted)| {
            let read = 0.0;
            (
                *size,
                *operation,
                Counted {
                    read,
                    ..counted.clone()
                },
            )
        });
        Self(unread.collect())
    }

    /// Returns a message for each of these operations that does not cost the same at each size.
    fn growing(&self, what: &str, operations: &[Operation]) -> Vec<String> {
        let of = |operation: &Operation| {
            let found = self.0.iter().filter(|(_, found, _)| found == operation);
            found.map(|(_, _, counted)| counted.clone()).collect::<Vec<_>>()
        };
        let grows = |operation: &&Operation| of(operation).windows(2).any(|pair| pair[0] != pair[1]);
        let message = |operation: &Operation| format!("{} grows with the number of {what}", operation.name());
        operations.iter().filter(grows).map(message).collect()
    }

    /// Returns a message for each size at which an operation reads more units than this.
    fn above(&self, operation: Operation, units: f64) -> Vec<String> {
        let exceeding = self
            .0
            .iter()
            .filter(|(_, found, counted)| *found == operation && counted.read > units);
        let message = |(size, _, counted): &(usize, Operation, Counted)| {
            format!("{} reads {} units at {size}", operation.name(), counted.read)
        };
        exceeding.map(message).collect()
    }
}

fn text(text: &str) -> Value {
    json!({"S": text})
}

fn user_id(number: usize) -> String {
    format!("01900000-0000-7000-8000-{number:012x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_that_costs_more_at_some_size_is_reported() {
        let counted = |read| Counted {
            read,
            ..Counted::default()
        };
        let mut table = Table::default();
        for (size, read) in [(1, 2.0), (10, 2.0), (100, 3.0)] {
            table.add(size, Operation::Login, counted(read));
            table.add(size, Operation::Refresh, counted(1.0));
        }

        let growing = table.growing("users", &[Operation::Login, Operation::Refresh]);

        assert_eq!(growing, ["login grows with the number of users"]);
        assert_eq!(table.above(Operation::Login, 2.0), ["login reads 3 units at 100"]);
        assert!(table.above(Operation::Login, 3.0).is_empty());
        let unread = table.without_reads();
        assert!(
            unread
                .growing("users", &[Operation::Login, Operation::Refresh])
                .is_empty()
        );
    }
}
