//! How long a colour profile may be. Never reads one.

/// The longest colour profile that is used and kept, in bytes. Those of cameras and screens are shorter.
pub(super) const MAX_PROFILE: usize = 1024 * 1024;

/// Whether a colour profile is short enough to be used.
pub fn is_usable(profile: &[u8]) -> bool {
    profile.len() <= MAX_PROFILE
}
