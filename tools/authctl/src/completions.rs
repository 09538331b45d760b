//! Completions for shells, and the manual page.

use clap_complete::Shell;

use crate::{arguments::Arguments, output};

/// Prints the script that completes the command line in a shell.
pub(crate) fn print_completions(shell: Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::definition(), "authctl", &mut script);
    Ok(output::print(String::from_utf8(script)?.trim_end())?)
}

/// Prints the manual page of every command in one page of roff.
pub(crate) fn print_manual() -> anyhow::Result<()> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::definition()).render(&mut page)?;
    Ok(output::print(String::from_utf8(page)?.trim_end())?)
}
