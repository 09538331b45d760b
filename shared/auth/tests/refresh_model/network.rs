//! How long requests and answers take. Anything that takes longer is lost.

/// The time limits of a network and of the functions that it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// A request takes at most `request` ticks until the server reads its clock, and the answer takes at most `answer`
    /// ticks after that.
    Prompt { request: u8, answer: u8 },
    /// A request and its own answer together take at most `both` ticks, so the request alone may take all of them.
    Pairs { both: u8 },
    /// Requests and answers may take any number of ticks, but a function is stopped after this many.
    Late { function: u8 },
}

impl Network {
    pub(crate) fn is_late(self) -> bool {
        matches!(self, Self::Late { .. })
    }

    /// Returns how many ticks a request has to reach the server, or `None` for any number.
    pub(crate) fn time_to_arrive(self) -> Option<u8> {
        match self {
            Self::Prompt { request, .. } => Some(request),
            Self::Pairs { both } => Some(both),
            Self::Late { .. } => None,
        }
    }

    /// Returns how many ticks remain for the answer when a request arrives. `left` is how many remained for the
    /// request.
    pub(crate) fn time_to_answer(self, left: Option<u8>) -> Option<u8> {
        match self {
            Self::Prompt { answer, .. } => Some(answer),
            Self::Pairs { .. } => left,
            Self::Late { function } => Some(function),
        }
    }

    /// Returns how many ticks an answer has on its way back, or `None` for any number. `left` is how many remained when
    /// it was sent.
    pub(crate) fn time_to_return(self, left: Option<u8>) -> Option<u8> {
        match self {
            Self::Prompt { .. } | Self::Pairs { .. } => left,
            Self::Late { .. } => None,
        }
    }

    /// Returns how old the server's reading of its clock can be when an answer arrives, in ticks.
    pub(crate) fn slowest_answer(self) -> u8 {
        match self {
            Self::Prompt { answer, .. } => answer,
            Self::Pairs { both } => both,
            Self::Late { function } => function,
        }
    }

    /// Returns the age, in ticks, above which a generation that the owner's tabs do not have counts as lost for longer
    /// than `window`. Above this age, a tab's request with the previous token can reach the server after the window.
    pub(crate) fn lost_after(self, window: u8) -> u8 {
        match self {
            Self::Prompt { request, .. } => window.saturating_sub(request),
            Self::Pairs { .. } | Self::Late { .. } => window,
        }
    }
}
