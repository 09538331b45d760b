//! The key sets: whether a key signs, and when they are rotated.

use claims::{Access, Clock as _, KeySchedule, Refresh, Span, Timestamp};
use config::SystemClock;
use store::RotationStatus;

use super::finding::Finding;
use crate::{
    arguments::Target,
    key::{self, KeySetName},
    output::{KeyRow, date},
};

/// How late a rotation may begin: AWS starts it within a day of its date.
const GRACE: Span = Span::seconds(2 * 86_400);

/// Where the cause of a failed rotation is.
const LOOK: &str = "the log of RotateKeysFunction has the cause: docs/alarms-keys.md";

pub(super) async fn examine(target: &Target) -> anyhow::Result<Vec<Finding>> {
    let now = SystemClock.now().timestamp();
    let (access, access_status) = key::read_schedule::<Access>(KeySetName::Access, target).await?;
    let (refresh, refresh_status) = key::read_schedule::<Refresh>(KeySetName::Refresh, target).await?;
    Ok(vec![
        of_set(KeySetName::Access, &access, access_status, now)?,
        of_set(KeySetName::Refresh, &refresh, refresh_status, now)?,
    ])
}

/// Returns the finding about a key set. A set in a file has no rotation status.
fn of_set(
    set: KeySetName,
    schedule: &KeySchedule,
    status: Option<RotationStatus>,
    now: Timestamp,
) -> anyhow::Result<Finding> {
    let check = match set {
        KeySetName::Access => "access keys",
        KeySetName::Refresh => "refresh keys",
    };
    let rotation = status.and_then(|status| KeyRow::from_rotation(set, !schedule.keys.is_empty(), status, now));
    if let Some(state) = rotation.map(|row| row.state()) {
        let fact = format!("a rotation has begun and is not done: {state}");
        return Ok(if state == KeyRow::NOT_YET {
            Finding::warning(check, fact, "examine it again in five minutes")
        } else {
            Finding::problem(check, fact, LOOK)
        });
    }
    let accepted = |at: Option<Timestamp>| at.is_none_or(|at| at > now);
    let usable: Vec<_> = schedule.keys.iter().filter(|key| accepted(key.retires_at)).collect();
    let Some(signer) = usable.iter().rfind(|key| key.activates_at <= now) else {
        return Ok(Finding::problem(
            check,
            "no key signs",
            format!("run `authctl key rotate {}`", set.as_str()),
        ));
    };
    let mut fact = format!(
        "{} ({}) signs since {}",
        signer.kid,
        signer.alg,
        date(signer.activates_at)?
    );
    if let Some(next) = usable.iter().find(|key| key.activates_at > now) {
        fact = format!("{fact}, and {} from {}", next.kid, date(next.activates_at)?);
    }
    match status.and_then(|status| status.next) {
        None => Ok(Finding::ok(check, fact)),
        Some(next) if next.plus(GRACE) < now => Ok(Finding::problem(
            check,
            format!("{fact}; the rotation of {} did not happen", date(next)?),
            LOOK,
        )),
        Some(next) => Ok(Finding::ok(check, format!("{fact}; next rotation {}", date(next)?))),
    }
}

#[cfg(test)]
mod tests {
    use claims::{KeyId, ScheduledKey};
    use rstest::rstest;

    use super::{super::finding::State, *};

    const NOW: u64 = 1_700_000_000;
    const DAY: u64 = 86_400;

    #[rstest]
    #[case::healthy(&[(NOW - DAY, None)], Some(NOW + DAY), false, State::Ok, "next rotation 2023-11-15T22:13:20Z")]
    #[case::with_a_successor(&[(NOW - DAY, Some(NOW + DAY)), (NOW + 60, None)], Some(NOW + DAY), false, State::Ok, "and key-1 from")]
    #[case::in_a_file(&[(NOW - DAY, None)], None, false, State::Ok, "signs since")]
    #[case::overdue(&[(NOW - DAY, None)], Some(NOW - 3 * DAY), false, State::Problem, "did not happen")]
    #[case::none_signs_yet(&[(NOW + DAY, None)], Some(NOW + DAY), false, State::Problem, "no key signs")]
    #[case::all_retired(&[(NOW - DAY, Some(NOW - 60))], Some(NOW + DAY), false, State::Problem, "no key signs")]
    #[case::hanging(&[(NOW - DAY, None)], Some(NOW + DAY), true, State::Problem, "not done")]
    fn a_key_set_is_well_if_a_key_signs_and_rotations_happen(
        #[case] keys: &[(u64, Option<u64>)],
        #[case] next: Option<u64>,
        #[case] is_pending: bool,
        #[case] expected: State,
        #[case] fact: &str,
    ) {
        let keys = keys.iter().enumerate().map(|(number, (from, until))| ScheduledKey {
            kid: KeyId::parse(format!("key-{number}")).unwrap(),
            alg: "EdDSA".to_owned(),
            activates_at: Timestamp::new(*from),
            retires_at: until.map(Timestamp::new),
        });
        let schedule = KeySchedule { keys: keys.collect() };
        let status = RotationStatus {
            last: Some(Timestamp::new(NOW - DAY)),
            changed: Timestamp::new(NOW - DAY),
            is_pending,
            next: next.map(Timestamp::new),
        };

        let finding = of_set(KeySetName::Access, &schedule, Some(status), Timestamp::new(NOW)).unwrap();

        assert_eq!(finding.state, expected, "{finding:?}");
        assert!(finding.fact.contains(fact), "{finding:?}");
    }
}
