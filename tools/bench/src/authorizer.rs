//! The authorizer beside its contenders.

use std::collections::BTreeMap;

use claims::Algorithm;
use tests::template;

use crate::{
    canned::Canned,
    contenders::{BASE, Programs},
    markdown,
    measure::{Contender, Figures, Mode, Plan, compare},
    statistics::{Spread, median},
    subject::Subject,
    tokens::Keys,
};

/// How often a warm process is invoked in a round.
const INVOCATIONS: usize = 2_000;

/// A kind of measurement, with its heading.
const MODES: [(Mode, &str); 3] = [
    (Mode::PagesWarm, "RS256, program in the page cache"),
    (Mode::PagesDropped, "RS256, program not in the page cache"),
    (Mode::Quota, "RS256, with 0.145 of a processor, as with 256 MB"),
];

/// Prints the tables of the authorizer. `others` are more binaries of it, with their names.
///
/// # Errors
/// If a contender fails.
pub(crate) fn measure(
    programs: &Programs,
    rounds: usize,
    starts: usize,
    others: &[(String, String)],
) -> anyhow::Result<()> {
    let keys = Keys::new(Algorithm::RS256)?;
    for (mode, heading) in MODES {
        let plan = Plan { mode, rounds, starts };
        let invocations = if mode == Mode::PagesWarm { INVOCATIONS } else { 0 };
        let mut contenders = contenders(programs, &keys, others, invocations)?;
        let figures = compare(&mut contenders, plan)?;
        print(heading, mode, &contenders, &figures);
    }
    for algorithm in [Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256] {
        let keys = Keys::new(algorithm)?;
        let plan = Plan {
            mode: Mode::PagesWarm,
            rounds,
            starts,
        };
        let mut contenders = contenders(programs, &keys, others, INVOCATIONS)?;
        let figures = compare(&mut contenders, plan)?;
        print(
            &format!("{algorithm:?}, program in the page cache"),
            plan.mode,
            &contenders,
            &figures,
        );
    }
    Ok(())
}

fn contenders(
    programs: &Programs,
    keys: &Keys,
    others: &[(String, String)],
    invocations: usize,
) -> anyhow::Result<Vec<Contender>> {
    let environment = keys.environment()?;
    let nothing = BTreeMap::new();
    let mut subjects = vec![
        programs.subject(BASE, &nothing),
        programs.subject("lean", &nothing),
        Subject {
            name: "a bare loop".to_owned(),
            ..programs.subject("limit", &nothing)
        },
        programs.subject("limit", &environment),
    ];
    // In Node, and in Rust with `aws_lc_rs`, this algorithm is not usual.
    if keys.algorithm != Algorithm::EdDSA {
        subjects.push(programs.subject("blueprint", &environment));
    }
    if keys.algorithm != Algorithm::HS256 {
        subjects.extend(programs.node(&environment));
    }
    let store = Canned::new(&keys.jwks()).serve()?;
    let own = [(
        "**ours**".to_owned(),
        programs.function("authorizer").display().to_string(),
    )];
    for (name, path) in own.iter().chain(others) {
        for (trust, environment) in [
            ("pinned keys", pinned(keys)),
            ("following the feed", following(keys, &store)),
        ] {
            subjects.push(Subject::binary(&format!("{name}, {trust}"), path.into(), environment));
        }
    }
    let contender = |subject: Subject| {
        let is_slow = subject.name.contains("Node");
        Ok(Contender {
            requests: keys.requests(&programs.checkout)?,
            invocations: if is_slow { invocations / 4 } else { invocations },
            subject,
        })
    };
    subjects.into_iter().map(contender).collect()
}

/// Returns the environment of an authorizer that reads nothing.
fn pinned(keys: &Keys) -> BTreeMap<String, String> {
    let mut environment = base(keys);
    environment.insert("REVOCATION_POLL_SECONDS".to_owned(), "0".to_owned());
    if keys.algorithm != Algorithm::HS256 {
        environment.insert("JWKS".to_owned(), keys.jwks());
    }
    environment
}

/// Returns the environment of an authorizer that follows the feed of this store.
pub(crate) fn following(keys: &Keys, store: &str) -> BTreeMap<String, String> {
    let mut environment = base(keys);
    environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), store.to_owned());
    environment
}

/// Returns the environment of the template, with these keys.
fn base(keys: &Keys) -> BTreeMap<String, String> {
    let template = template(&[("AccessTokenAlgorithm", &format!("{:?}", keys.algorithm))]);
    let mut environment = tests::environment(&template, "authorizer", "", &tests::Keys::Given);
    if keys.algorithm == Algorithm::HS256 {
        environment.insert("ACCESS_KEYS".to_owned(), keys.json.clone());
    }
    environment
}

fn print(heading: &str, mode: Mode, contenders: &[Contender], figures: &[Figures]) {
    let [base, lean, bare_loop, limit, ..] = figures else {
        return;
    };
    // Round by round: a runtime without extras, and what the bare check costs beside it.
    let costs = lean.warm.iter().zip(&limit.warm).zip(&bare_loop.warm);
    let sum: Vec<f64> = costs.map(|((lean, limit), bare)| lean + limit - bare).collect();
    let rows = contenders.iter().zip(figures).map(|(contender, own)| {
        let mut cells = vec![
            contender.subject.name.clone(),
            ratio(&own.init, &base.init),
            format!("{} ({:.2} ms)", ratio(&own.cold, &base.cold), median(&own.cold)),
            format!("{:.2}", median(&own.cold_p90) / median(&base.cold_p90)),
            ratio(&own.processor, &base.processor),
            format!("{:.0}", median(&own.faults)),
        ];
        if mode == Mode::PagesWarm {
            cells.extend([
                format!(
                    "{} ({:.1} us)",
                    ratio(&own.warm, &base.warm),
                    median(&own.warm) * 1000.0
                ),
                ratio(&own.warm, &sum),
                format!("{:.2}", median(&own.warm_p99) / median(&base.warm_p99)),
                format!(
                    "{:.2}",
                    median(&own.processor_per_invocation) / median(&base.processor_per_invocation)
                ),
                format!("{:.1} MiB", median(&own.peak)),
            ]);
        }
        cells
    });
    let mut head = vec!["", "init", "first answer", "its p90", "CPU until then", "page faults"];
    if mode == Mode::PagesWarm {
        head.extend([
            "warm",
            "warm / (lean + check)",
            "warm p99",
            "CPU per invocation",
            "peak memory",
        ]);
    }
    markdown::print(heading, &head, &rows.collect::<Vec<_>>());
}

fn ratio(own: &[f64], base: &[f64]) -> String {
    Spread::of_ratios(own, base).to_string()
}
