//! The model as cells of a screen.

mod bytes;
mod canvas;
mod connections;
mod fields;
mod findings;
mod frame;
mod help;
mod ink;
mod messages;
mod status;
#[cfg(test)]
mod tests;

pub use frame::draw;
pub use ink::Palette;
