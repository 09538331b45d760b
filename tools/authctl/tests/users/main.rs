//! These tests run the user commands of the operator's command line against a real engine.

#![cfg(test)]

mod access;
mod acts;
mod address;
mod claims;
mod clocks;
mod deletion;
mod delivery;
mod export;
mod far_away;
mod harness;
mod help;
mod import;
mod list;
mod local;
mod mail;
mod named;
mod network;
mod operators_log;
#[cfg(target_os = "linux")]
mod output;
mod questions;
mod resumption;
mod show;
mod slow_engine;
mod terminal;
