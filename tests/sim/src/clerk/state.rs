use std::collections::HashMap;

/// Who is signed in, by the handle that stands for Clerk's client cookie.
#[derive(Debug, Default)]
pub(crate) struct ClerkState {
    pub(crate) clients: HashMap<String, Session>,
}

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) user: &'static str,
    pub(crate) session_id: String,
}
