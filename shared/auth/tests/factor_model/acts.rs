//! What the owner, the thief and the time do.

use auth::{
    attempts::{RESET_FAILURES, SECOND_FAILURES},
    password::{HashCost, Hasher},
};
use tokio::runtime::{Builder, Runtime};

use crate::{
    promise::{Promise, Sight},
    request::{Door, Factor, Outcome, Request, Token, USED},
    rule::Rule,
    scene::Scene,
    store::Store,
    world::{OLD, World},
};

/// How many wrong codes a thief tries at once, as far as they are admitted: half of what closes a lane.
const BURST: u64 = 30;
/// How many wrong codes may be checked in both ways together (NIST SP 800-63B-4 s3.2.2).
const MOST_GUESSES: u64 = 100;
/// The number of the owner's own request for a mail. Those with higher numbers are the thief's.
const OWN: u8 = 0;
/// The number of failures from which nothing is presented again: every time may count as another failure.
const QUIET: u64 = 2;
/// How many mails a thief gets for one burst.
const MAILS: u8 = 10;

thread_local! {
    static RUNTIME: (Runtime, Hasher) = (
        Builder::new_current_thread().enable_time().build().unwrap(),
        Hasher::new(HashCost::MIN),
    );
}

/// One thing that can happen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Act {
    /// Half a minute passes.
    Wait,
    /// The owner presents a factor.
    Present(Request),
    /// The owner's request comes a second time, or somebody presents what was used before.
    Replay(Request),
    /// Between the last read and the write of the first request, the second one is served.
    Race(Request, Request),
    /// The thief tries wrong codes. The first one may be the last code that was accepted.
    Guess(Door),
    /// The thief sets a password by mail without a factor.
    ResetWithout,
}

/// Returns what can happen in this state.
pub(crate) fn acts(scene: &Scene, world: &World) -> Vec<Act> {
    let mut acts = vec![Act::Wait];
    let mut doors = vec![Door::Login(Token::New)];
    if world.epoch < scene.resets {
        doors.push(Door::Reset(OWN));
    }
    let session = world.sessions.get(USED).filter(|opened| opened.epoch == world.epoch);
    if scene.has_confirmations && session.is_some() {
        doors.push(Door::Confirm);
    }
    let codes = scene.codes.iter().filter(|offset| **offset > world.accepted);
    let codes = codes.map(|offset| Factor::Code(*offset));
    let paper = world
        .paper
        .values()
        .next()
        .filter(|_| world.spent.len() < scene.recovery_codes);
    let factors: Vec<Factor> = codes.chain(paper.cloned().map(Factor::Recovery)).collect();
    for (door, factor) in pairs(&doors, &factors) {
        acts.push(Act::Present(Request { door, factor }));
    }
    let spent = world.spent.iter().cloned().map(Factor::Recovery);
    let used: Vec<Factor> = spent
        .chain((world.accepted > OLD).then_some(Factor::Code(world.accepted)))
        .collect();
    let failures = world.records.values().map(|record| record.all).sum::<u64>();
    let is_quiet = failures < QUIET;
    if scene.has_replays && is_quiet {
        for (door, factor) in pairs(&doors, &used) {
            acts.push(Act::Replay(Request { door, factor }));
        }
        if session.is_some() {
            let again = pairs(&[Door::Login(Token::Used)], &factors).map(|(door, factor)| Request { door, factor });
            acts.extend(again.map(Act::Replay));
        }
    }
    if scene.has_races && is_quiet {
        let others = doors.iter().copied().chain([Door::Login(Token::Another)]);
        let others: Vec<Door> = others.collect();
        for (door, factor) in pairs(&doors, &factors) {
            let first = Request { door, factor };
            for (door, factor) in pairs(&others, &factors) {
                acts.push(Act::Race(first.clone(), Request { door, factor }));
            }
        }
    }
    if world.thief.password {
        acts.push(Act::Guess(Door::Login(Token::First)));
    }
    if world.thief.mail {
        acts.extend([Act::Guess(Door::Reset(OWN.saturating_add(1))), Act::ResetWithout]);
    }
    acts
}

fn pairs(doors: &[Door], factors: &[Factor]) -> impl Iterator<Item = (Door, Factor)> {
    let pairs = doors
        .iter()
        .flat_map(|door| factors.iter().map(move |factor| (*door, factor.clone())));
    pairs.collect::<Vec<_>>().into_iter()
}

impl Act {
    pub(crate) fn perform(self, world: &mut World, rule: &Rule) {
        match self {
            Self::Wait => world.wait(),
            Self::Present(request) => {
                let promise = promised(world, &request);
                let (outcome, _) = serve(world, rule, &request, None);
                let is_accepted = matches!(outcome, Outcome::Accepted(_));
                if let Some(promise) = promise {
                    world.expect(promise, is_accepted);
                }
                world.settle(&request, &outcome);
            }
            Self::Replay(request) => {
                let (outcome, _) = serve(world, rule, &request, None);
                world.settle(&request, &outcome);
            }
            Self::Race(first, second) => {
                let (outcome, other) = serve(world, rule, &first, Some(&second));
                if let Some(other) = other {
                    let is_same = first.door == second.door && matches!(first.door, Door::Login(_) | Door::Reset(_));
                    let both = [&outcome, &other].map(|outcome| matches!(outcome, Outcome::Accepted(_)));
                    world.expect(Promise::Once, !is_same || both != [true; 2]);
                    world.settle(&second, &other);
                    if both == [false, true] {
                        world.seen.insert(Sight::Race);
                    }
                }
                world.settle(&first, &outcome);
            }
            Self::Guess(door) => guess(world, rule, door),
            Self::ResetWithout => {
                let request = Request {
                    door: Door::Reset(OWN.saturating_add(1)),
                    factor: Factor::Nothing,
                };
                let (outcome, _) = serve(world, rule, &request, None);
                world.settle(&request, &outcome);
            }
        }
        let opened = ["new", "another", "first"].map(|sid| world.sessions.remove(sid));
        if let Some(opened) = opened.into_iter().flatten().last() {
            world.sessions.insert(USED, opened);
        }
    }
}

/// Returns the promise that the owner's request is accepted, if there is one.
fn promised(world: &World, request: &Request) -> Option<Promise> {
    match (&request.factor, request.door) {
        (Factor::Recovery(_), _) => Some(Promise::Recovery),
        (_, Door::Reset(_)) => (!world.thief.mail).then_some(Promise::WayBack),
        (_, Door::Login(_) | Door::Confirm) => (!world.is_known()).then_some(Promise::Login),
    }
}

/// Serves a request, and another one just before its write.
fn serve(world: &mut World, rule: &Rule, request: &Request, meanwhile: Option<&Request>) -> (Outcome, Option<Outcome>) {
    RUNTIME.with(|(runtime, hasher)| {
        let store = Store::new(world, rule, hasher.clone(), meanwhile.cloned());
        let outcome = runtime.block_on(store.serve(request.clone()));
        let ended;
        (*world, ended) = store.finish();
        (outcome, ended)
    })
}

/// Tries codes, each of which counts as a failure. Everyone waits between two attempts for as long as they have to.
fn guess(world: &mut World, rule: &Rule, door: Door) {
    let is_replayed = world.accepted > OLD && matches!(door, Door::Login(_));
    let mut factor = if is_replayed {
        Factor::Code(world.accepted)
    } else {
        Factor::WrongCode
    };
    let mut door = door;
    for _ in 0..BURST {
        let request = Request { door, factor };
        let (outcome, _) = serve(world, rule, &request, None);
        world.settle(&request, &outcome);
        factor = Factor::WrongCode;
        door = match (outcome, door) {
            (Outcome::Wrong | Outcome::Accepted(_), same) => same,
            (Outcome::Throttled, Door::Reset(number)) if number < MAILS => Door::Reset(number.saturating_add(1)),
            (Outcome::Throttled | Outcome::Refused, _) => return,
        };
    }
}

impl World {
    /// Records how a request ended, and which promises that breaks.
    fn settle(&mut self, request: &Request, outcome: &Outcome) {
        let guesses = match request.door {
            Door::Reset(_) => &mut self.after_mail,
            Door::Login(_) | Door::Confirm => &mut self.after_password,
        };
        match outcome {
            Outcome::Accepted(replacement) => {
                *guesses = 0;
                self.accept(request, replacement.as_ref());
            }
            Outcome::Wrong if !matches!(request.factor, Factor::Recovery(_)) => {
                *guesses = guesses.saturating_add(1);
                let is_few = self.after_password.saturating_add(self.after_mail) <= MOST_GUESSES;
                self.expect(Promise::Few, is_few);
            }
            Outcome::Throttled => {
                self.seen.insert(Sight::Closed);
            }
            Outcome::Wrong | Outcome::Refused => {}
        }
    }

    fn accept(&mut self, request: &Request, replacement: Option<&String>) {
        match &request.factor {
            Factor::Nothing | Factor::WrongCode => self.expect(Promise::Factor, false),
            Factor::Code(offset) => {
                self.expect(Promise::Once, *offset > self.accepted);
                self.accepted = self.accepted.max(*offset);
            }
            Factor::Recovery(text) => {
                let is_new = self.spent.insert(text.clone());
                self.expect(Promise::Once, is_new);
                self.paper.retain(|_, own| own != text);
                let slot = text.chars().next().and_then(|digit| digit.to_digit(10)).unwrap();
                let slot = u8::try_from(slot).unwrap();
                self.paper.extend(replacement.map(|code| (slot, code.clone())));
                if self.after_password >= SECOND_FAILURES || self.after_mail >= RESET_FAILURES {
                    self.seen.insert(Sight::Recovery);
                }
            }
        }
        let sight = match request.door {
            Door::Login(token) => {
                self.expect(Promise::Once, token != Token::Used);
                Sight::Login
            }
            Door::Reset(_) => {
                self.after_password = 0;
                Sight::Reset
            }
            Door::Confirm => Sight::Confirmation,
        };
        self.seen.insert(sight);
    }
}
