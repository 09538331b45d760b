//! The comparison of every function behind the API with one that does nothing.

use std::collections::BTreeMap;

use crate::{
    contenders::{BASE, Programs},
    markdown,
    measure::{Contender, Figures, Mode, Plan, compare},
    operation::{Operation, Pool, Repeated, reserve},
    other::Other,
    statistics::{Spread, median},
    store::Store,
    subject::{Requests, Subject},
};

/// The operation that measures each function, and the number of its warm invocations in a round.
const FUNCTIONS: [(Operation, usize); 11] = [
    (Operation::Me, 1_000),
    (Operation::Jwks, 1_000),
    (Operation::Pages, 1_000),
    (Operation::Sessions, 60),
    (Operation::Logout, 60),
    (Operation::Refresh, 200),
    (Operation::Login, 30),
    (Operation::Password, 15),
    (Operation::Confirm, 15),
    (Operation::Factors, 60),
    (Operation::PasskeyOptions, 60),
];

/// What is measured, and how often.
pub(crate) struct Extent<'a> {
    /// The functions. If empty, all.
    pub(crate) only: &'a [String],
    /// The other binaries of functions.
    pub(crate) also: &'a [Other],
    /// The number of rounds.
    pub(crate) rounds: usize,
    /// The number of starts of each contender in a round.
    pub(crate) starts: usize,
}

/// Prints three tables of the functions: for starts with the program in the page cache, the same with the processor
/// share of 256 MB, and for starts with the program only on the disk.
///
/// # Errors
/// If a function fails.
pub(crate) fn measure(programs: &Programs, store: &Store, extent: &Extent<'_>) -> anyhow::Result<()> {
    let &Extent { rounds, starts, .. } = extent;
    let pool = Pool::new(programs.checkout.clone(), store.clone(), programs.function("login"));
    for (mode, heading) in [
        (Mode::PagesWarm, "Functions, program in the page cache"),
        (Mode::Quota, "Functions, with the processor share of 256 MB"),
        (Mode::PagesDropped, "Functions, program not in the page cache"),
    ] {
        let is_warm = mode == Mode::PagesWarm;
        let mut contenders = vec![Contender {
            subject: programs.subject(BASE, &BTreeMap::new()),
            requests: Box::new(Anything),
            invocations: if is_warm { 2_000 } else { 0 },
        }];
        let mut sessions = 0;
        for (operation, invocations) in FUNCTIONS {
            let function = operation.function();
            if !extent.only.is_empty() && !extent.only.iter().any(|name| name == function) {
                continue;
            }
            let path = programs.function(function);
            if !path.exists() {
                eprintln!("{function} is not built: left out");
                continue;
            }
            let environment = store.environment(function, store.endpoint());
            let invocations = if is_warm { invocations } else { 0 };
            let ours = (format!("`{function}`"), path);
            let others = Other::of(extent.also, function)
                .map(|other| (format!("`{function}`, {}", other.name), other.path.clone()));
            for (name, path) in std::iter::once(ours).chain(others) {
                if operation.takes_a_session() {
                    sessions += 1 + rounds * (starts + invocations);
                }
                contenders.push(Contender {
                    subject: Subject::binary(&name, path, environment.clone()),
                    requests: Box::new(Repeated::new(operation, &pool)?),
                    invocations,
                });
            }
        }
        reserve(&pool, sessions + 1)?;
        let figures = compare(
            &mut contenders,
            &Plan {
                mode,
                folder: programs.copies(),
                rounds,
                starts,
            },
        )?;
        print(heading, is_warm, &contenders, &figures);
    }
    Ok(())
}

fn print(heading: &str, is_warm: bool, contenders: &[Contender], figures: &[Figures]) {
    let Some(base) = figures.first() else { return };
    let ratio = |own: &[f64], base: &[f64]| Spread::of_ratios(own, base).to_string();
    let rows = contenders.iter().zip(figures).map(|(contender, own)| {
        let mut cells = vec![
            contender.subject.name.clone(),
            ratio(&own.init, &base.init),
            format!("{} ({:.2} ms)", ratio(&own.cold, &base.cold), median(&own.cold)),
            ratio(&own.processor, &base.processor),
            format!("{:.0}", median(&own.faults)),
        ];
        if is_warm {
            cells.extend([
                format!("{:.3} ms", median(&own.warm)),
                format!("{:.3} ms", median(&own.processor_per_invocation)),
                format!("{:.1} MiB", median(&own.peak)),
            ]);
        }
        cells
    });
    let mut head = vec!["", "init", "first answer", "CPU until then", "page faults"];
    if is_warm {
        head.extend(["warm", "CPU per invocation", "peak memory"]);
    }
    markdown::print(heading, &head, &rows.collect::<Vec<_>>());
}

/// The requests to a function that does nothing. Every answer is accepted.
struct Anything;

impl Requests for Anything {
    fn next_event(&mut self) -> anyhow::Result<String> {
        Ok("{}".to_owned())
    }

    fn check(&mut self, _: &str) -> anyhow::Result<()> {
        Ok(())
    }
}
