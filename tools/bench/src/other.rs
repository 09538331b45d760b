//! Another binary of a function, which is measured beside ours.

use std::{path::PathBuf, str::FromStr};

/// Another binary of a function, such as one from another linker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Other {
    /// The function that it replaces.
    pub(crate) function: String,
    /// Its name in tables.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

impl Other {
    /// Returns the binaries of this function.
    pub(crate) fn of<'a>(all: &'a [Self], function: &'a str) -> impl Iterator<Item = &'a Self> {
        all.iter().filter(move |other| other.function == function)
    }
}

impl FromStr for Other {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text
            .split_once('=')
            .and_then(|(whose, path)| whose.split_once(':').map(|(function, name)| (function, name, path)));
        let (function, name, path) = parts.ok_or("write FUNCTION:NAME=PATH")?;
        Ok(Self {
            function: function.to_owned(),
            name: name.to_owned(),
            path: path.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_binary_has_a_function_a_name_and_a_path() {
        let other = Other {
            function: "refresh".to_owned(),
            name: "plain".to_owned(),
            path: "/a=b".into(),
        };

        assert_eq!("refresh:plain=/a=b".parse(), Ok(other));
        assert!("refresh=/a".parse::<Other>().is_err());
        assert!("refresh:plain".parse::<Other>().is_err());
    }
}
