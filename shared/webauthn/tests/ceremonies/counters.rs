//! The counter of signatures: a signal, and never a reason to refuse.

use rstest::rstest;
use webauthn::{Algorithm, CounterSignal};

use crate::{
    authenticator::Device,
    harness::{assert, stored},
};

#[rstest]
#[case(0, 0, CounterSignal::NotUsed)]
#[case(0, 1, CounterSignal::Fine)]
#[case(7, 8, CounterSignal::Fine)]
#[case(7, u32::MAX, CounterSignal::Fine)]
#[case(7, 7, CounterSignal::WentBack)]
#[case(7, 6, CounterSignal::WentBack)]
#[case(7, 0, CounterSignal::WentBack)]
#[case(u32::MAX, 0, CounterSignal::WentBack)]
fn a_counter_gives_a_signal(#[case] before: u32, #[case] after: u32, #[case] signal: CounterSignal) {
    let device = Device::new(Algorithm::Es256);
    let mut stored = stored(&device);
    stored.counter = before;
    let mut parts = device.assert();
    parts.data.counter = after;

    let assertion = assert(&device, &parts, Some(&stored)).unwrap();

    assert_eq!((assertion.signal, assertion.counter), (signal, after));
}
