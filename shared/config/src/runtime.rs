//! The variables that Lambda sets, without which its runtime cannot be reached.

use crate::{ConfigError, Environment};

/// The variables without which `lambda_runtime` panics.
const VARIABLES: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

impl Environment {
    /// Checks for the variables that Lambda and `cargo lambda watch` set for every function.
    ///
    /// # Errors
    /// If one of them is missing, which means that this process was started by hand.
    pub fn require_lambda(&self) -> Result<(), ConfigError> {
        for variable in VARIABLES {
            self.get(variable)?.ok_or_else(|| {
                ConfigError::new(
                    variable,
                    "not set: this program runs in Lambda, or under cargo lambda watch",
                )
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambda_is_recognised_by_all_that_it_sets() {
        let all = VARIABLES.map(|variable| (variable, "1"));

        assert_eq!(Environment::from_iter(all).require_lambda(), Ok(()));
        for missing in VARIABLES {
            let others = all.into_iter().filter(|(variable, _)| *variable != missing);

            let error = others.collect::<Environment>().require_lambda().unwrap_err();

            assert_eq!(
                error.to_string(),
                format!("{missing}: not set: this program runs in Lambda, or under cargo lambda watch")
            );
        }
    }
}
