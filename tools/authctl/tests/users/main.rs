//! These tests run the user commands of the operator's command line against a real engine.

#![cfg(test)]

mod access;
mod address;
mod clocks;
mod deletion;
mod delivery;
mod export;
mod far_away;
mod harness;
mod help;
mod import;
mod local;
mod mail;
mod network;
#[cfg(target_os = "linux")]
mod output;
mod questions;
mod resumption;
mod slow_engine;
mod terminal;
