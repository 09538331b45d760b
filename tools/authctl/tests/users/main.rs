//! These tests run the user commands of the operator's command line against a real engine.

#![cfg(test)]

mod address;
mod clocks;
mod deletion;
mod delivery;
mod export;
mod far_away;
mod harness;
mod import;
mod mail;
mod resumption;
