//! Documented commands do what the documentation shows.
//!
//! The console blocks of the README and of `tests/cli/*.md` are run and compared;
//! `TRYCMD=overwrite cargo test --test cli` writes down what a change made of
//! them.

#[test]
fn documented_commands() {
    trycmd::TestCases::new()
        .case("README.md")
        .case("tests/cli/*.md");
}
