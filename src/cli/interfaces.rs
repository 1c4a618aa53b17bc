//! `peerscope interfaces`: where `live` can sniff.

#[cfg(not(all(unix, feature = "live")))]
pub use super::live::run_without as run;

#[cfg(all(unix, feature = "live"))]
pub use listing::run;

#[cfg(all(unix, feature = "live"))]
mod listing {
    use std::io::{self, Write};

    use crate::capture::{Interface, LinkState, interfaces};
    use crate::cli::output::Output;
    use crate::view::text::Safe;

    /// Runs the command.
    pub fn run() -> anyhow::Result<()> {
        let all = interfaces()?;
        let width = |text: &dyn Fn(&Interface) -> usize| all.iter().map(text).max().unwrap_or(0);
        let name_width = width(&|interface| interface.name.len());
        let state_width = width(&|interface| state(interface).len());
        let mut out = Output::new();
        for interface in &all {
            out.write(|out| line(out, interface, name_width, state_width));
        }
        out.finish()
    }

    /// The line of one interface: name, state, addresses, what it is.
    fn line(
        out: &mut dyn Write,
        interface: &Interface,
        name_width: usize,
        state_width: usize,
    ) -> io::Result<()> {
        let addresses: Vec<String> = interface
            .addresses
            .iter()
            .map(ToString::to_string)
            .collect();
        let text = format!(
            "{:name_width$}  {:state_width$}  {}",
            interface.name,
            state(interface),
            addresses.join(", "),
        );
        let about = match &interface.description {
            Some(description) if interface.addresses.is_empty() => description.clone(),
            Some(description) => format!("  {description}"),
            None => String::new(),
        };
        let text = format!("{text}{about}");
        writeln!(out, "{}", Safe(text.trim_end().as_bytes()))
    }

    /// The state in a few words.
    fn state(interface: &Interface) -> String {
        let mut words = vec![match interface.state {
            LinkState::Down => "down",
            LinkState::Up => "up, not running",
            LinkState::Running => "up",
        }];
        match interface.connected {
            // A cable that is not plugged in also says "not running".
            Some(false) if interface.state == LinkState::Running => words.push("not connected"),
            _ => {}
        }
        if interface.loopback {
            words.push("loopback");
        }
        if interface.wireless {
            words.push("wireless");
        }
        words.join(", ")
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_line_says_what_is_known() {
            let mut interface = Interface {
                name: "wlan0".to_owned(),
                description: None,
                addresses: vec!["10.0.0.7".parse().unwrap(), "fe80::1".parse().unwrap()],
                state: LinkState::Running,
                connected: Some(false),
                loopback: false,
                wireless: true,
            };
            let show = |interface: &Interface| {
                let mut out = Vec::new();
                line(&mut out, interface, 6, 10).unwrap();
                String::from_utf8(out).unwrap()
            };
            assert_eq!(
                show(&interface),
                "wlan0   up, not connected, wireless  10.0.0.7, fe80::1\n"
            );
            interface.addresses.clear();
            interface.wireless = false;
            interface.state = LinkState::Down;
            interface.description = Some("a \u{1b}[31mradio".to_owned());
            assert!(!show(&interface).contains('\u{1b}'));
            assert!(show(&interface).starts_with("wlan0   down        a "));
        }
    }
}
