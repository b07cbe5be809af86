//! Pictures and documents: receiving them, finding out what they really are, and the library.

pub mod address;
pub mod document;
pub mod files_of;
pub mod import;
pub mod library;
pub mod metadata;
pub mod picture;
pub mod picture_format;
pub mod refused_format;
pub mod replace;
pub mod sweep;
pub mod texts;
pub mod token;
pub mod upload;
pub mod uses;
