//! How many instructions a function executes at its start and for an invocation. Valgrind counts them, so the figures
//! hardly depend on what else the machine does.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use claims::Algorithm;
use config::Environment;

use crate::{
    authorizer,
    contenders::Programs,
    markdown,
    measure::{Contender, serve},
    operation::{Operation, Pool, Repeated},
    recorded::Recorded,
    store::Store,
    subject::Subject,
    tokens::Keys,
};

const RECORDED: Recorded = Recorded {
    file: "tools/bench/instructions.toml",
    command: "cargo bench-functions instructions --record",
    unit: "instructions",
    tolerance: 3,
};
/// The numbers of invocations of the two processes whose counts are compared. The difference of the counts is that of
/// warm invocations alone.
const FEW: usize = 5;
const MANY: usize = 25;

/// Prints the instructions of the authorizer for each algorithm, and of `me`, and compares them with the recorded ones.
/// With `record`, records them instead.
///
/// # Errors
/// If Valgrind is not installed, a function fails, or a figure differs by more than 3 % from the recorded one.
pub(crate) fn measure(programs: &Programs, store: &Store, record: bool) -> anyhow::Result<()> {
    let valgrind = find_valgrind().context("Valgrind is not installed: run `apt-get install valgrind`")?;
    let mut contenders = Vec::new();
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256] {
        let keys = Keys::new(algorithm)?;
        let path = programs.function("authorizer");
        contenders.push(Contender {
            subject: Subject::binary(&format!("authorizer, {algorithm:?}"), path, authorizer::pinned(&keys)),
            requests: keys.requests(&programs.checkout)?,
            invocations: 0,
        });
    }
    let pool = Pool::new(programs.checkout.clone(), store.clone(), programs.function("login"));
    contenders.push(Contender {
        subject: Subject::binary("me", programs.function("me"), store.environment("me", store.endpoint())),
        requests: Box::new(Repeated::new(Operation::Me, &pool)?),
        invocations: 0,
    });
    let (mut rows, mut found) = (Vec::new(), BTreeMap::new());
    for mut contender in contenders {
        let name = contender.subject.name.clone();
        let [few, many] = [FEW, MANY].map(|invocations| count(&mut contender, &valgrind, invocations));
        let (few, many) = (few?, many?);
        let each = (many - few) / u64::try_from(MANY - FEW)?;
        let start = few - each * u64::try_from(FEW)?;
        rows.push(vec![name.clone(), markdown::group(start), markdown::group(each)]);
        found.insert(format!("{name}, start"), start);
        found.insert(format!("{name}, invocation"), each);
    }
    markdown::print("Instructions", &["", "start", "each warm invocation"], &rows);
    RECORDED.settle(&programs.checkout, &found, record)
}

/// Returns the number of instructions of a process that starts, answers this many invocations and ends.
fn count(contender: &mut Contender, valgrind: &Path, invocations: usize) -> anyhow::Result<u64> {
    let output = std::env::temp_dir().join(format!("bench-{}.callgrind", std::process::id()));
    let mut counted = contender.subject.clone();
    let prefix = [
        valgrind.display().to_string(),
        "--quiet".to_owned(),
        "--tool=callgrind".to_owned(),
        format!("--callgrind-out-file={}", output.display()),
    ];
    counted.command.splice(0..0, prefix);
    serve(&counted, contender.requests.as_mut(), invocations)?.end()?;
    let profile = fs::read_to_string(&output).context("Valgrind wrote no profile")?;
    fs::remove_file(&output)?;
    total(&profile).context("the profile has no total")
}

/// Returns the total of a profile: its only event is the execution of an instruction.
fn total(profile: &str) -> Option<u64> {
    let line = profile.lines().find_map(|line| line.strip_prefix("totals: "))?;
    line.trim().parse().ok()
}

fn find_valgrind() -> Option<PathBuf> {
    let environment = Environment::from_process();
    let path = environment.get("PATH").ok()??;
    let mut places = std::env::split_paths(&path).map(|folder| folder.join("valgrind"));
    places.find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_found_in_a_profile() {
        let profile = "version: 1\nevents: Ir\nsummary: 123\n\nfn=(1)\n0 123\n\ntotals: 123\n";

        assert_eq!(total(profile), Some(123));
        assert_eq!(total("events: Ir\n"), None);
    }
}
