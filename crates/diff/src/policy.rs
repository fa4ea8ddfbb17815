//! Policies by what they allow and deny: [`grant`] takes statements apart, [`documents`] knows where policies stand in
//! resources, [`holdings`] whom they speak of, [`covers`] which grant is part of another, [`changes`] what differs.
//!
//! Nothing here decides whether a request would be allowed.

pub(crate) mod changes;
pub(crate) mod covers;
pub(crate) mod documents;
pub(crate) mod grant;
pub(crate) mod holdings;
