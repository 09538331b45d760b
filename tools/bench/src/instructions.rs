//! How many instructions a function executes at its start and for an invocation. The figures hardly depend on what else
//! the machine does.

use std::path::PathBuf;

use claims::Algorithm;

use crate::{
    authorizer,
    contenders::Programs,
    counter::Counter,
    markdown,
    measure::Contender,
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
/// The functions whose instructions are counted.
pub(crate) const COUNTED: [&str; 2] = ["authorizer", "me"];
/// The numbers of invocations of the two processes whose counts are compared. The difference of the counts is that of
/// warm invocations alone.
const FEW: usize = 5;
const MANY: usize = 25;
/// The same under qemu, which needs a second for a million instructions.
const FEW_EMULATED: usize = 2;
const MANY_EMULATED: usize = 6;

/// The instructions of a function.
struct Counted {
    name: String,
    start: u64,
    /// Those of a warm invocation.
    invocation: u64,
}

/// Prints the instructions of the authorizer for each algorithm, and of `me`, and compares them with the recorded ones.
/// With `record`, records them instead.
///
/// # Errors
/// If Valgrind is not installed, a function fails, or a figure differs by more than 3 % from the recorded one.
pub(crate) fn measure(programs: &Programs, store: &Store, record: bool) -> anyhow::Result<()> {
    let binary = |name: &str| programs.function(name);
    let counted = count(programs, store, binary, &Counter::valgrind()?, [FEW, MANY])?;
    print("Instructions", &counted);
    let figures = counted.iter().flat_map(|counted| {
        let Counted {
            name,
            start,
            invocation,
        } = counted;
        [
            (format!("{name}, start"), *start),
            (format!("{name}, invocation"), *invocation),
        ]
    });
    RECORDED.settle(&programs.checkout, &figures.collect(), record)
}

/// Prints the same figures for binaries for arm64, which qemu runs.
///
/// # Errors
/// If qemu is not installed, or a function fails.
pub(crate) fn measure_arm64(programs: &Programs, store: &Store) -> anyhow::Result<()> {
    let binary = |name: &str| programs.arm64_function(name);
    let counted = count(
        programs,
        store,
        binary,
        &Counter::qemu()?,
        [FEW_EMULATED, MANY_EMULATED],
    )?;
    print("Instructions on arm64", &counted);
    Ok(())
}

fn count(
    programs: &Programs,
    store: &Store,
    binary: impl Fn(&str) -> PathBuf,
    counter: &Counter,
    [few, many]: [usize; 2],
) -> anyhow::Result<Vec<Counted>> {
    let [authorizer, me] = COUNTED;
    let mut contenders = Vec::new();
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256] {
        let keys = Keys::new(algorithm)?;
        let name = format!("{authorizer}, {algorithm:?}");
        contenders.push(Contender {
            subject: Subject::binary(&name, binary(authorizer), authorizer::pinned(&keys)),
            requests: keys.requests(&programs.checkout)?,
            invocations: 0,
        });
    }
    let pool = Pool::new(programs.checkout.clone(), store.clone(), programs.function("login"));
    contenders.push(Contender {
        subject: Subject::binary(me, binary(me), store.environment(me, store.endpoint())),
        requests: Box::new(Repeated::new(Operation::Me, &pool)?),
        invocations: 0,
    });
    let each = |mut contender: Contender| {
        let counts = [few, many].map(|invocations| counter.count(&mut contender, invocations));
        let [of_few, of_many] = counts;
        let (of_few, of_many) = (of_few?, of_many?);
        let invocation = (of_many - of_few) / u64::try_from(many - few)?;
        Ok(Counted {
            name: contender.subject.name,
            start: of_few - invocation * u64::try_from(few)?,
            invocation,
        })
    };
    contenders.into_iter().map(each).collect()
}

fn print(heading: &str, counted: &[Counted]) {
    let rows = counted.iter().map(|counted| {
        let Counted {
            name,
            start,
            invocation,
        } = counted;
        vec![name.clone(), markdown::group(*start), markdown::group(*invocation)]
    });
    markdown::print(
        heading,
        &["", "start", "each warm invocation"],
        &rows.collect::<Vec<_>>(),
    );
}
