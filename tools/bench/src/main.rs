//! Compares the functions with other programs, and prints the tables that `docs/performance.md` quotes.
//!
//! Each contender is a built program. It is started again and again against a stub of the Lambda Runtime API, on one
//! core and in turn with the other contenders. Most figures are ratios to a function that does nothing, since the
//! milliseconds of a shared machine mean little.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a benchmark prints its figures, and its numbers are small"
)]

mod authorizer;
mod canned;
mod contenders;
mod count;
mod counter;
mod functions;
mod growth;
mod http;
mod instructions;
mod latency;
mod machine;
mod markdown;
mod measure;
mod operation;
mod order;
mod other;
mod process;
mod proxy;
mod recorded;
mod runtime_api;
mod sizes;
mod statistics;
mod store;
mod subject;
mod tokens;

use clap::{Parser, ValueEnum};

use crate::{contenders::Programs, other::Other, store::Store};

/// Compares the functions with other programs.
#[derive(Debug, Parser)]
#[command(name = "bench-functions")]
struct Arguments {
    /// What to measure. Default: everything except the instructions.
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// The number of rounds. Each round gives one figure, and a table shows the median and the spread of these figures.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The number of starts of each contender in a round.
    #[arg(long, default_value_t = 20)]
    starts: usize,
    /// Another binary of a function to measure beside ours, such as `authorizer:plain=/path/to/bootstrap`.
    #[arg(long, value_name = "FUNCTION:NAME=PATH")]
    also: Vec<Other>,
    /// The functions that the part `functions` measures. Default: all.
    #[arg(long, value_name = "FUNCTION")]
    only: Vec<String>,
    /// Measures what is already built, instead of building it first.
    #[arg(long)]
    no_build: bool,
    /// Records sizes or instructions, instead of comparing them with the recorded ones.
    #[arg(long)]
    record: bool,
    /// Skips the build and the request for a fixed priority. The program passes this option to itself when both are
    /// done.
    #[arg(long, hide = true)]
    with_priority: bool,
}

/// A part of the measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The authorizer, compared with its contenders.
    Authorizer,
    /// Every function behind the API, compared with one that does nothing.
    Functions,
    /// The store calls and the time of each operation.
    Store,
    /// What grows with users, sessions, devices, rules, keys and announcements.
    Growth,
    /// The sizes of binaries and archives, compared with the recorded ones.
    Sizes,
    /// The instructions that functions execute, compared with the recorded ones. Only by request.
    Instructions,
    /// The instructions that the functions for arm64 execute under qemu. Only by request.
    Arm64,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let programs = Programs::find()?;
    if !arguments.with_priority {
        if !arguments.no_build {
            programs.build()?;
            if arguments.parts.contains(&Part::Arm64) {
                programs.build_arm64(&instructions::COUNTED)?;
            }
        }
        machine::raise_priority();
    }
    // The store must not share the core of the measured processes, so it starts first.
    let store = Store::start()?;
    let is_pinned = machine::enter_core();
    println!("## Measured by `cargo bench-functions`\n");
    machine::print(arguments.with_priority, is_pinned)?;
    println!(
        "- {} rounds of {} starts; a figure is the median of the rounds, with the lowest and the highest",
        arguments.rounds, arguments.starts
    );
    let is_wanted = |part| arguments.parts.is_empty() || arguments.parts.contains(&part);
    if is_wanted(Part::Sizes) {
        sizes::measure(&programs, &arguments.also, arguments.record)?;
    }
    if arguments.parts.contains(&Part::Instructions) {
        instructions::measure(&programs, &store, arguments.record)?;
    }
    if arguments.parts.contains(&Part::Arm64) {
        instructions::measure_arm64(&programs, &store)?;
    }
    if is_wanted(Part::Authorizer) {
        authorizer::measure(&programs, arguments.rounds, arguments.starts, &arguments.also)?;
    }
    if is_wanted(Part::Functions) {
        let extent = functions::Extent {
            only: &arguments.only,
            also: &arguments.also,
            rounds: arguments.rounds,
            starts: arguments.starts,
        };
        functions::measure(&programs, &store, &extent)?;
    }
    if is_wanted(Part::Store) {
        latency::measure(&programs, &store, arguments.rounds)?;
    }
    if is_wanted(Part::Growth) {
        growth::measure(&programs, &store)?;
    }
    println!("\nLoad at the end: {}", machine::load()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_argument_that_the_program_passes_to_itself_exists() {
        let arguments = Arguments::parse_from(["bench-functions", "store", machine::PRIORITY]);

        assert!(arguments.with_priority);
        assert_eq!(arguments.parts, [Part::Store]);
    }
}
