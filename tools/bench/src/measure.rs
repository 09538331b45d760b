//! The measurement of subjects: starting them in turn, invoking them, and collecting their figures.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::{
    order,
    process::{Running, Throttle},
    runtime_api::{Report, Stub},
    statistics::{median, quantile},
    subject::{Requests, Subject},
};

/// The conditions of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The program is in the page cache.
    PagesWarm,
    /// The program is only on the disk.
    PagesDropped,
    /// The program is in the page cache, and the process gets the processor share of a function with 256 MB.
    Quota,
}

/// The conditions and the extent of a comparison.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) mode: Mode,
    /// The folder for copies of the programs.
    pub(crate) folder: PathBuf,
    /// The number of rounds. Each gives one figure, and the spread of these figures is printed.
    pub(crate) rounds: usize,
    /// The number of starts of each contender in a round.
    pub(crate) starts: usize,
}

/// A subject, its requests, and the number of its warm invocations in a round.
pub(crate) struct Contender {
    pub(crate) subject: Subject,
    pub(crate) requests: Box<dyn Requests>,
    pub(crate) invocations: usize,
}

/// The figures of one process. Times are in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// The time from the start of the process until it was ready for an invocation.
    pub(crate) init: f64,
    /// The time from the start of the process until its first answer.
    pub(crate) cold: f64,
    /// The processor time until the first answer.
    pub(crate) processor: f64,
    /// The page faults until the first answer.
    pub(crate) faults: f64,
    /// The time of the first invocation alone.
    pub(crate) first: f64,
    /// The times of later invocations.
    pub(crate) warm: Vec<f64>,
    /// The mean processor time of a later invocation.
    pub(crate) processor_per_invocation: f64,
    /// The peak memory, in MiB.
    pub(crate) peak: f64,
}

/// The figures of a contender, one per round.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) init: Vec<f64>,
    pub(crate) cold: Vec<f64>,
    pub(crate) cold_p90: Vec<f64>,
    pub(crate) processor: Vec<f64>,
    pub(crate) faults: Vec<f64>,
    pub(crate) warm: Vec<f64>,
    pub(crate) warm_p99: Vec<f64>,
    pub(crate) processor_per_invocation: Vec<f64>,
    pub(crate) peak: Vec<f64>,
}

/// Measures the contenders in turn, and returns their figures in the same order.
///
/// # Errors
/// If a contender cannot be copied or started, ends, fails, or gives a wrong answer.
pub(crate) fn compare(contenders: &mut [Contender], plan: &Plan) -> anyhow::Result<Vec<Figures>> {
    for (number, contender) in contenders.iter_mut().enumerate() {
        contender.subject = contender.subject.copy(&plan.folder.join(number.to_string()))?;
        // This start is not measured: the first one of all reads the libraries from the disk.
        run(contender, Mode::PagesWarm, 0)?;
    }
    let mut figures: Vec<Figures> = contenders.iter().map(|_| Figures::default()).collect();
    for round in 0..plan.rounds {
        let mut runs: Vec<Vec<Run>> = contenders.iter().map(|_| Vec::new()).collect();
        for start in 0..plan.starts {
            for number in order::shuffle(contenders.len(), round * plan.starts + start) {
                let contender = &mut contenders[number];
                let invocations = if start == 0 { contender.invocations } else { 0 };
                runs[number].push(run(contender, plan.mode, invocations)?);
            }
        }
        for (figures, runs) in figures.iter_mut().zip(&runs) {
            figures.push(runs);
        }
    }
    Ok(figures)
}

/// Starts a contender, invokes it once cold, and then `invocations` times warm.
///
/// # Errors
/// If the contender cannot be started, ends, fails, or gives a wrong answer.
pub(crate) fn run(contender: &mut Contender, mode: Mode, invocations: usize) -> anyhow::Result<Run> {
    let name = contender.subject.name.clone();
    attempt(contender, mode, invocations).with_context(|| format!("while {name} was measured"))
}

fn attempt(contender: &mut Contender, mode: Mode, invocations: usize) -> anyhow::Result<Run> {
    let Contender { subject, requests, .. } = contender;
    let first_event = requests.next_event()?;
    if mode == Mode::PagesDropped {
        subject.drop_pages()?;
    }
    let mut stub = Stub::open()?;
    let api = stub.address()?;

    let born = Instant::now();
    let process = subject.start(&api)?;
    let throttle = (mode == Mode::Quota).then(|| Throttle::start(&process));
    let ready = until_next(&mut stub, &process)?;
    let first = invoke(&mut stub, &process, &first_event, requests.as_mut())?;
    let cold = born.elapsed();
    let usage = process.usage()?;
    until_next(&mut stub, &process)?;
    let mut run = Run {
        init: millis(ready.duration_since(born)),
        cold: millis(cold),
        processor: millis(usage.processor),
        faults: usage.faults as f64,
        first: millis(first),
        ..Run::default()
    };
    let before = process.usage()?;
    for _ in 0..invocations {
        let event = requests.next_event()?;
        run.warm
            .push(millis(invoke(&mut stub, &process, &event, requests.as_mut())?));
        until_next(&mut stub, &process)?;
    }
    drop(throttle);
    let after = process.usage()?;
    let spent = after.processor.saturating_sub(before.processor);
    run.processor_per_invocation = millis(spent) / invocations.max(1) as f64;
    run.peak = after.peak as f64 / 1024.0;
    Ok(run)
}

/// Starts a subject, invokes it this many times, and then asks its process to end. Returns the process.
///
/// # Errors
/// If it cannot be started, ends, fails, or gives a wrong answer.
pub(crate) fn serve(subject: &Subject, requests: &mut dyn Requests, invocations: usize) -> anyhow::Result<Running> {
    let mut stub = Stub::open()?;
    let process = subject.start(&stub.address()?)?;
    until_next(&mut stub, &process)?;
    for _ in 0..invocations {
        let event = requests.next_event()?;
        invoke(&mut stub, &process, &event, requests)?;
        until_next(&mut stub, &process)?;
    }
    process.interrupt()?;
    Ok(process)
}

/// Invokes a process that is ready, and returns the time until it has answered.
fn invoke(stub: &mut Stub, process: &Running, event: &str, requests: &mut dyn Requests) -> anyhow::Result<Duration> {
    let began = stub.invoke(event)?;
    match stub.wait(|| process.lives())? {
        (answered, Report::Answered(answer)) => {
            requests.check(&answer)?;
            Ok(answered.duration_since(began))
        }
        (_, Report::Failed(error)) => bail!("it failed: {error}"),
        (_, Report::Next) => bail!("it did not answer"),
    }
}

fn until_next(stub: &mut Stub, process: &Running) -> anyhow::Result<Instant> {
    match stub.wait(|| process.lives())? {
        (ready, Report::Next) => Ok(ready),
        (_, Report::Failed(error)) => bail!("it failed: {error}"),
        (_, Report::Answered(answer)) => bail!("it answered without being asked: {answer}"),
    }
}

impl Figures {
    /// Adds the figures of one round. The figures of starts come from all runs of the round. The other figures come
    /// from the run with warm invocations, if there is one.
    fn push(&mut self, runs: &[Run]) {
        let of = |figure: fn(&Run) -> f64| runs.iter().map(figure).collect::<Vec<_>>();
        self.init.push(median(&of(|run| run.init)));
        self.cold.push(median(&of(|run| run.cold)));
        self.cold_p90.push(quantile(&of(|run| run.cold), 0.9));
        self.processor.push(median(&of(|run| run.processor)));
        self.faults.push(median(&of(|run| run.faults)));
        // Only the first process of a round is invoked warm.
        if let Some(run) = runs.iter().find(|run| !run.warm.is_empty()) {
            self.warm.push(median(&run.warm));
            self.warm_p99.push(quantile(&run.warm, 0.99));
            self.processor_per_invocation.push(run.processor_per_invocation);
            self.peak.push(run.peak);
        }
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
