//! These tests run the user commands of the operator's command line against a real engine.

#![cfg(test)]

mod acts;
mod address;
mod claims;
mod clocks;
mod deletion;
mod delivery;
mod export;
mod far_away;
mod harness;
mod import;
mod list;
mod mail;
mod named;
mod operators_log;
mod resumption;
mod show;
