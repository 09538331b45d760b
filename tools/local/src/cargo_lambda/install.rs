//! The installation of `cargo lambda` into its own folder, if it is not installed yet.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};

use crate::cargo;

/// The version of `cargo-lambda` to install.
const VERSION: &str = "1.9.2";
/// A requirements file for pip with [`VERSION`] of `cargo-lambda` and the hashes of its files.
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Returns the path of the program `cargo-lambda` in `tools` or on the `PATH`. If it is in neither, installs it into
/// `tools`.
///
/// # Errors
/// If the program is missing, and can be installed neither from PyPI nor from crates.io.
pub(crate) fn ensure(tools: &Path, notice: fn(&str)) -> anyhow::Result<PathBuf> {
    let installed = tools.join("cargo-lambda");
    let program = installed.join("bin/cargo-lambda");
    if program.exists() {
        return Ok(program);
    }
    let on_path = PathBuf::from("cargo-lambda");
    if runs(&on_path, &["lambda", "--version"]) {
        return Ok(on_path);
    }
    notice(&format!(
        "cargo lambda is not installed: installing {VERSION} into {}",
        installed.display()
    ));
    std::fs::create_dir_all(tools).with_context(|| format!("cannot make the folder {}", tools.display()))?;
    // An interrupted installation must not leave an incomplete program.
    let partial = tools.join("cargo-lambda.partial");
    if partial.exists() {
        std::fs::remove_dir_all(&partial)?;
    }
    let requirements = tools.join("cargo-lambda.txt");
    std::fs::write(&requirements, REQUIREMENTS)?;
    if !from_python(&requirements, &partial) {
        notice("pip cannot install it: compiling it instead, which takes several minutes");
        from_source(&partial)?;
    }
    std::fs::rename(&partial, &installed)?;
    notice(&format!(
        "to run `cargo lambda` yourself: export PATH=\"{}:$PATH\"",
        installed.join("bin").display()
    ));
    Ok(program)
}

/// Installs the wheel of `cargo-lambda` from PyPI. The wheel's hash must be one of those in the file `requirements`.
/// Returns `false` if the installation fails.
fn from_python(requirements: &Path, folder: &Path) -> bool {
    runs(Path::new("python3"), &["-m", "pip", "--version"])
        && Command::new("python3")
            .args([
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--no-deps",
                "--require-hashes",
                "--target",
            ])
            .arg(folder)
            .arg("--requirement")
            .arg(requirements)
            .status()
            .is_ok_and(|status| status.success())
}

fn from_source(folder: &Path) -> anyhow::Result<()> {
    let status = cargo::command("cargo")
        .args(["install", "--locked", "--version", VERSION, "--root"])
        .arg(folder)
        .arg("cargo-lambda")
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        bail!("cannot install cargo lambda {VERSION}: see above");
    }
    Ok(())
}

fn runs(program: &Path, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pip_and_cargo_install_the_same_version() {
        let pinned = REQUIREMENTS.lines().find(|line| line.starts_with("cargo-lambda=="));

        assert_eq!(pinned, Some(format!("cargo-lambda=={VERSION} \\").as_str()));
    }
}
