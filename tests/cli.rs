//! Documented commands do what the documentation shows.
//!
//! The console blocks of the README, of `tests/cli/*.md` and `tests/hex/*.md` are run and compared;
//! `TRYCMD=overwrite cargo test --test cli` writes down what a change made of
//! them.

#[test]
fn documented_commands() {
    trycmd::TestCases::new()
        .case("README.md")
        .case("tests/cli/*.md")
        .case("tests/hex/*.md");
}
