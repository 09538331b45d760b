//! How long requests and answers take. What takes longer is lost.

/// A network, and the functions at its other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// The slowest request takes `request` ticks until the server reads its clock, the slowest answer takes `answer`
    /// from there.
    Prompt { request: u8, answer: u8 },
    /// Each request and its own answer take `both` together, so that a request alone may take all of it.
    Pairs { both: u8 },
    /// Requests and answers may take for ever; only a function is ended after this many ticks.
    Late { function: u8 },
}

impl Network {
    pub(crate) fn is_late(self) -> bool {
        matches!(self, Self::Late { .. })
    }

    /// How many ticks a request has to reach the server; `None` for any number.
    pub(crate) fn time_to_arrive(self) -> Option<u8> {
        match self {
            Self::Prompt { request, .. } => Some(request),
            Self::Pairs { both } => Some(both),
            Self::Late { .. } => None,
        }
    }

    /// How many ticks a request that had so many left has when it arrives.
    pub(crate) fn time_to_answer(self, left: Option<u8>) -> Option<u8> {
        match self {
            Self::Prompt { answer, .. } => Some(answer),
            Self::Pairs { .. } => left,
            Self::Late { function } => Some(function),
        }
    }

    /// How many ticks an answer that had so many left has on its way back.
    pub(crate) fn time_to_return(self, left: Option<u8>) -> Option<u8> {
        match self {
            Self::Prompt { .. } | Self::Pairs { .. } => left,
            Self::Late { .. } => None,
        }
    }

    /// For how long a server may hold on to the time that it read.
    pub(crate) fn slowest_answer(self) -> u8 {
        match self {
            Self::Prompt { answer, .. } => answer,
            Self::Pairs { both } => both,
            Self::Late { function } => function,
        }
    }

    /// How long after a generation was handed out it is lost for longer than `window`, if the owner's tabs do not have
    /// it: a request that one of them sends with its parent can then reach the server after the window.
    pub(crate) fn lost_after(self, window: u8) -> u8 {
        match self {
            Self::Prompt { request, .. } => window.saturating_sub(request),
            Self::Pairs { .. } | Self::Late { .. } => window,
        }
    }
}
