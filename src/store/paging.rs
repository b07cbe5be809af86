//! Where a page of a list begins. Pure.

/// How many rows come before a page, which counts from 1. Never more than a database can count, whatever number
/// an address names.
pub fn rows_before(page: u64, size: u64) -> u64 {
    let before = page.saturating_sub(1).saturating_mul(size);
    before.min(i64::MAX.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_page_begins_somewhere() {
        assert_eq!(rows_before(0, 20), 0);
        assert_eq!(rows_before(1, 20), 0);
        assert_eq!(rows_before(3, 20), 40);
        for page in [u64::MAX, u64::MAX / 2, i64::MAX.unsigned_abs()] {
            assert!(i64::try_from(rows_before(page, 20)).is_ok(), "{page}");
        }
    }
}
