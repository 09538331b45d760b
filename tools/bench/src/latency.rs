//! The time of each operation, measured once with store calls that are not delayed, and once with store calls that take
//! as long as within an AWS region.

use std::time::Duration;

use crate::{
    contenders::Programs,
    count::{CALL, Counted, count},
    markdown,
    measure::{Contender, Mode, Run, run},
    operation::{Operation, Pool, Repeated, reserve},
    proxy::Proxy,
    statistics::{Spread, median, quantile},
    store::Store,
    subject::Subject,
};

/// The number of warm invocations of each process.
const INVOCATIONS: usize = 60;
const OPERATIONS: [Operation; 7] = [
    Operation::Login,
    Operation::Refresh,
    Operation::Logout,
    Operation::LogoutAll,
    Operation::Sessions,
    Operation::EndSession,
    Operation::Password,
];

/// Prints the calls and times of each operation.
///
/// # Errors
/// If a function fails.
pub(crate) fn measure(programs: &Programs, store: &Store, rounds: usize) -> anyhow::Result<()> {
    let pool = Pool::new(programs.checkout.clone(), store.clone(), programs.function("login"));
    let proxy = Proxy::start(store.endpoint())?;
    let mut rows = Vec::new();
    for operation in OPERATIONS {
        let path = programs.function(operation.function());
        if !path.exists() {
            eprintln!("{} is not built: left out", operation.function());
            continue;
        }
        let environment = store.environment(operation.function(), &proxy.endpoint);
        let mut contender = Contender {
            subject: Subject::binary(operation.name(), path, environment),
            requests: Box::new(Repeated::new(operation, &pool)?),
            invocations: 0,
        };
        let (mut direct, mut delayed) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            for (delay, runs) in [(Duration::ZERO, &mut direct), (CALL, &mut delayed)] {
                // All logins run before the measured process starts, so that none runs between its invocations.
                reserve(&pool, INVOCATIONS + 2)?;
                proxy.set_duration(delay);
                runs.push(run(&mut contender, Mode::PagesWarm, INVOCATIONS)?);
            }
        }
        let counted = count(&mut contender, &proxy)?;
        rows.push(row(operation, &counted, &direct, &delayed));
    }
    let head = [
        "",
        "calls",
        "round trips",
        "p50, no delay",
        "p50, 4 ms a call",
        "p90",
        "p99",
        "first of a process",
        "CPU",
    ];
    markdown::print("Operations and calls of DynamoDB, times in ms", &head, &rows);
    Ok(())
}

fn row(operation: Operation, counted: &Counted, direct: &[Run], delayed: &[Run]) -> Vec<String> {
    let spread = |runs: &[Run], share: f64| {
        let rounds: Vec<f64> = runs.iter().map(|run| quantile(&run.warm, share)).collect();
        Spread::new(&rounds).to_string()
    };
    let of = |figure: fn(&Run) -> f64| delayed.iter().map(figure).collect::<Vec<_>>();
    vec![
        operation.name().to_owned(),
        counted.calls.to_string(),
        counted.trips.to_string(),
        spread(direct, 0.5),
        spread(delayed, 0.5),
        spread(delayed, 0.9),
        spread(delayed, 0.99),
        format!("{:.1}", median(&of(|run| run.first))),
        format!("{:.2}", median(&of(|run| run.processor_per_invocation))),
    ]
}
