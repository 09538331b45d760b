//! The comparison of the authorizer with its contenders.

use std::collections::BTreeMap;

use claims::Algorithm;
use tests::template;

use crate::{
    canned::Canned,
    contenders::{BASE, Programs},
    markdown,
    measure::{Contender, Figures, Mode, Plan, compare},
    other::Other,
    statistics::{Spread, median},
    subject::Subject,
    tokens::Keys,
};

/// The number of warm invocations of each contender in a round.
const INVOCATIONS: usize = 2_000;

/// Prints the tables of the authorizer. `others` are other builds of functions.
///
/// # Errors
/// If a contender fails.
pub(crate) fn measure(programs: &Programs, rounds: usize, starts: usize, others: &[Other]) -> anyhow::Result<()> {
    let compared = |algorithm, mode, invocations| -> anyhow::Result<_> {
        let mut contenders = contenders(programs, &Keys::new(algorithm)?, others, invocations)?;
        let folder = programs.copies();
        let figures = compare(
            &mut contenders,
            &Plan {
                mode,
                folder,
                rounds,
                starts,
            },
        )?;
        let names = contenders.into_iter().map(|contender| contender.subject.name);
        Ok(names.zip(figures).collect::<Compared>())
    };
    let warm = compared(Algorithm::RS256, Mode::PagesWarm, INVOCATIONS)?;
    print_warm(&warm);
    let dropped = compared(Algorithm::RS256, Mode::PagesDropped, 0)?;
    let quota = compared(Algorithm::RS256, Mode::Quota, 0)?;
    print_starts(&[&warm, &dropped, &quota]);
    let [es256, eddsa, hs256] = [Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256];
    let of = |algorithm| compared(algorithm, Mode::PagesWarm, INVOCATIONS);
    print_algorithms(&[("ES256", of(es256)?), ("EdDSA", of(eddsa)?), ("HS256", of(hs256)?)]);
    Ok(())
}

/// The names and the figures of the contenders. The first one is the base.
type Compared = Vec<(String, Figures)>;

fn contenders(
    programs: &Programs,
    keys: &Keys,
    others: &[Other],
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
    // With `aws_lc_rs`, EdDSA is not usual, and the verifier in Node does not have HS256.
    if keys.algorithm != Algorithm::EdDSA {
        subjects.push(programs.subject("blueprint", &environment));
    }
    if keys.algorithm != Algorithm::HS256 {
        subjects.extend(programs.node(&environment));
    }
    let store = Canned::new(&keys.jwks()).serve()?;
    let ours = ("**ours**", programs.function("authorizer"));
    let others = Other::of(others, "authorizer").map(|other| (other.name.as_str(), other.path.clone()));
    for (name, path) in std::iter::once(ours).chain(others) {
        for (trust, environment) in [
            ("pinned keys", pinned(keys)),
            ("following the feed", following(keys, &store)),
        ] {
            subjects.push(Subject::binary(&format!("{name}, {trust}"), path.clone(), environment));
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

/// Returns the environment of an authorizer that has its keys in a variable and reads no table.
pub(crate) fn pinned(keys: &Keys) -> BTreeMap<String, String> {
    let mut environment = base(keys);
    environment.insert("REVOCATION_POLL_SECONDS".to_owned(), "0".to_owned());
    if keys.algorithm != Algorithm::HS256 {
        environment.insert("JWKS".to_owned(), keys.jwks());
    }
    environment
}

/// Returns the environment of an authorizer that reads its keys and the feed from the store at this endpoint.
pub(crate) fn following(keys: &Keys, store: &str) -> BTreeMap<String, String> {
    let mut environment = base(keys);
    environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), store.to_owned());
    environment
}

/// Returns the authorizer's environment in the template, for the algorithm of these keys.
fn base(keys: &Keys) -> BTreeMap<String, String> {
    let template = template(&[("AccessTokenAlgorithm", &format!("{:?}", keys.algorithm))]);
    let mut environment = tests::environment(&template, "authorizer", "", &tests::Keys::Given);
    if keys.algorithm == Algorithm::HS256 {
        environment.insert("ACCESS_KEYS".to_owned(), keys.json.clone());
    }
    environment
}

/// Prints the figures of starts and of warm invocations. At each start, the program is in the page cache.
fn print_warm(compared: &Compared) {
    let base = &compared[0].1;
    let sum = lean_and_check(compared);
    let rows = compared.iter().map(|(name, own)| {
        vec![
            name.clone(),
            ratio(&own.init, &base.init),
            ratio(&own.cold, &base.cold),
            ratio(&own.processor, &base.processor),
            format!("{:.0}", median(&own.faults)),
            ratio(&own.warm, &base.warm),
            ratio(&own.warm, &sum),
            format!("{:.2}", median(&own.warm_p99) / median(&base.warm_p99)),
            format!(
                "{:.2}",
                median(&own.processor_per_invocation) / median(&base.processor_per_invocation)
            ),
            format!("{:.1} MiB", median(&own.peak)),
        ]
    });
    let head = [
        "RS256",
        "init",
        "first answer",
        "CPU until then",
        "page faults",
        "warm",
        "warm / (lean + check)",
        "warm p99",
        "CPU per invocation",
        "peak memory",
    ];
    markdown::print("Authorizer", &head, &rows.collect::<Vec<_>>());
    println!(
        "\n1 is {:.2} ms for an init, {:.2} ms for a first answer, and {:.0} us for a warm one.",
        median(&base.init),
        median(&base.cold),
        median(&base.warm) * 1000.0
    );
}

/// Prints the time to the first answer for three kinds of starts: with the program in the page cache, with the program
/// only on the disk, and with the processor share of a function with 256 MB.
fn print_starts(modes: &[&Compared]) {
    let rows = modes[0].iter().enumerate().map(|(number, (name, _))| {
        let cells = modes.iter().map(|compared| {
            let (own, base) = (&compared[number].1, &compared[0].1);
            let p90 = median(&own.cold_p90) / median(&base.cold_p90);
            format!("{}, p90 {p90:.2}", ratio(&own.cold, &base.cold))
        });
        [name.clone()].into_iter().chain(cells).collect()
    });
    let head = [
        "First answer",
        "in the page cache",
        "not there",
        "0.145 of a processor, as with 256 MB",
    ];
    markdown::print("Authorizer, RS256, starts", &head, &rows.collect::<Vec<_>>());
}

/// Prints the figures of the algorithms other than RS256. A contender that lacks an algorithm gets dashes.
fn print_algorithms(algorithms: &[(&str, Compared)]) {
    let head = algorithms.iter().flat_map(|(name, _)| {
        [
            format!("{name}, first answer"),
            format!("{name}, warm"),
            format!("{name}, warm / (lean + check)"),
        ]
    });
    let head: Vec<String> = [String::new()].into_iter().chain(head).collect();
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let rows = algorithms[0].1.iter().map(|(name, _)| {
        let cells = algorithms.iter().flat_map(|(_, compared)| {
            let base = &compared[0].1;
            let own = compared.iter().find(|(found, _)| found == name);
            own.map_or(["-"; 3].map(str::to_owned), |(_, own)| {
                let warm = ratio(&own.warm, &lean_and_check(compared));
                [ratio(&own.cold, &base.cold), ratio(&own.warm, &base.warm), warm]
            })
        });
        [name.clone()].into_iter().chain(cells).collect()
    });
    markdown::print("Authorizer, other algorithms", &head, &rows.collect::<Vec<_>>());
}

/// Returns a sum for each round: the warm time of `lean`, which is a function that does nothing, plus the time of the
/// bare check of a signature. The time of the check is the difference between the bare loop with and without it.
fn lean_and_check(compared: &Compared) -> Vec<f64> {
    let [_, (_, lean), (_, bare_loop), (_, limit), ..] = compared.as_slice() else {
        return Vec::new();
    };
    let costs = lean.warm.iter().zip(&limit.warm).zip(&bare_loop.warm);
    costs.map(|((lean, limit), bare)| lean + limit - bare).collect()
}

fn ratio(own: &[f64], base: &[f64]) -> String {
    Spread::of_ratios(own, base).to_string()
}
