//! These tests use Gatehouse as its callers do: through the gateway, with the functions' own handlers and a real
//! engine.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "an error in a helper fails the test that uses it"
)]

mod announcements;
mod authorizer;
mod cookie;
mod cookie_places;
mod discovery;
mod edge;
mod events;
mod faults;
mod flood;
mod gateway;
mod journey;
mod login;
mod logout;
mod mail;
mod malformed;
mod pages;
mod passkeys;
mod password;
mod permissions;
mod presented;
mod races;
mod recovery;
mod refresh;
mod requests;
mod revocation;
mod rotation;
mod round_trips;
mod routes;
mod second_factor;
mod second_factor_routes;
mod secrets;
mod session_cap;
mod session_list;
mod sessions;
mod start;
mod throttling;
mod units;
