//! The sizes of the binaries, and of the archives that are deployed.

use std::{path::Path, process::Command};

use anyhow::{Context as _, bail};

use crate::{
    contenders::{CONTENDERS, Programs},
    markdown,
};

/// The number of bytes by which a zip archive of one file named `bootstrap` is longer than the same file in gzip.
const ARCHIVE: usize = 122;

/// Prints the sizes of all functions and contenders that are built.
///
/// # Errors
/// If a binary cannot be read, or gzip fails.
pub(crate) fn measure(programs: &Programs, others: &[(String, String)]) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for (package, name) in CONTENDERS {
        rows.push(row(name, &programs.contender(package))?);
    }
    let mut functions = ::tests::FUNCTIONS.to_vec();
    functions.sort_unstable();
    for function in functions {
        let path = programs.function(function);
        if path.exists() {
            rows.push(row(&format!("`{function}`"), &path)?);
        } else {
            eprintln!("{function} is not built: left out");
        }
    }
    for (name, path) in others {
        rows.push(row(name, Path::new(path))?);
    }
    markdown::print("Sizes in bytes", &["", "binary", "zip"], &rows);
    Ok(())
}

fn row(name: &str, path: &Path) -> anyhow::Result<Vec<String>> {
    let metadata = path
        .metadata()
        .with_context(|| format!("cannot read {}", path.display()))?;
    // A zip archive has the same compression as gzip.
    let compressed = Command::new("gzip").args(["-9", "-n", "-c"]).arg(path).output()?;
    if !compressed.status.success() {
        bail!("gzip failed: {}", String::from_utf8_lossy(&compressed.stderr));
    }
    let zip = compressed.stdout.len() + ARCHIVE;
    Ok(vec![
        name.to_owned(),
        group(usize::try_from(metadata.len())?),
        group(zip),
    ])
}

/// Returns a number with commas between its groups of three digits.
fn group(number: usize) -> String {
    let digits = number.to_string();
    let parts = digits.as_bytes().rchunks(3).rev();
    parts.map(String::from_utf8_lossy).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            [7, 999, 1_000, 1_234_567].map(group),
            ["7", "999", "1,000", "1,234,567"]
        );
    }
}
