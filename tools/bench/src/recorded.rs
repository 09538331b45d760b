//! Figures that are recorded in the repository. A measurement fails if one of its figures differs too much from the
//! recorded one, so that the figure changes in the same commit as what caused it.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, bail};

/// A file of recorded figures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded {
    /// The path of the file in the checkout.
    pub(crate) file: &'static str,
    /// The command that records the figures again.
    pub(crate) command: &'static str,
    /// The unit of the figures, in the plural.
    pub(crate) unit: &'static str,
    /// By how many percent a figure may differ from the recorded one.
    pub(crate) tolerance: u64,
}

impl Recorded {
    /// Compares figures with the recorded ones. With `record`, records them instead.
    ///
    /// # Errors
    /// If the file cannot be read or written, a figure differs too much from the recorded one, or a figure has no
    /// recorded one.
    pub(crate) fn settle(self, checkout: &Path, found: &BTreeMap<String, u64>, record: bool) -> anyhow::Result<()> {
        let file = checkout.join(self.file);
        if record {
            return fs::write(file, toml::to_string(found)?).with_context(|| format!("cannot write {}", self.file));
        }
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", self.file))?;
        let changed = self.find_changed(found, &toml::from_str(&text)?);
        if !changed.is_empty() {
            bail!(
                "a figure differs by more than {} % from {}: {}. If that is on purpose, run `{}` and say why in the commit",
                self.tolerance,
                self.file,
                changed.join(", "),
                self.command
            );
        }
        Ok(())
    }

    /// Returns a message for each figure that differs too much from the recorded one, or for which none is recorded.
    fn find_changed(self, found: &BTreeMap<String, u64>, recorded: &BTreeMap<String, u64>) -> Vec<String> {
        let differs = |figure: u64, old: u64| figure.abs_diff(old) * 100 > old * self.tolerance;
        let changed = found.iter().filter_map(|(name, figure)| match recorded.get(name) {
            Some(old) if !differs(*figure, *old) => None,
            Some(old) => Some(format!("{name} has {figure} {} and had {old}", self.unit)),
            None => Some(format!("{name} has {figure} {} and no recorded figure", self.unit)),
        });
        changed.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_may_differ_by_the_tolerance() {
        let sizes = Recorded {
            file: "sizes.toml",
            command: "measure",
            unit: "bytes",
            tolerance: 2,
        };
        let figures = |figure: u64| BTreeMap::from([("login".to_owned(), figure)]);
        let recorded = figures(1_000_000);

        for figure in [980_000, 1_000_000, 1_020_000] {
            assert_eq!(sizes.find_changed(&figures(figure), &recorded), [""; 0]);
        }
        for figure in [979_999, 1_020_001] {
            assert_eq!(sizes.find_changed(&figures(figure), &recorded).len(), 1);
        }
        assert_eq!(sizes.find_changed(&figures(1), &BTreeMap::new()).len(), 1);
    }
}
