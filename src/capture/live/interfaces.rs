//! The interfaces of this machine.

use std::net::IpAddr;
use std::path::Path;

use pcap::{ConnectionStatus, Device};

use crate::capture::CaptureError;
use crate::capture::bpf::in_words;

/// The name of the device that stands for all interfaces.
pub(super) const ANY: &str = "any";

/// How far an interface is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Switched off.
    Down,
    /// Switched on, and not ready (no cable, no radio network).
    Up,
    /// Switched on and ready.
    Running,
}

/// An interface that can be sniffed on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // they are libpcap's own flags
pub struct Interface {
    /// Its name.
    pub name: String,
    /// What it is, where the system says so.
    pub description: Option<String>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Whether packets can go by.
    pub state: LinkState,
    /// Whether it is connected; `None` where that has no meaning or is unknown.
    pub connected: Option<bool>,
    /// Whether what is sent on it comes back to this machine.
    pub loopback: bool,
    /// Whether it is a radio.
    pub wireless: bool,
}

impl From<Device> for Interface {
    fn from(device: Device) -> Self {
        let flags = &device.flags;
        Self {
            state: match (flags.is_up(), flags.is_running()) {
                (false, _) => LinkState::Down,
                (true, false) => LinkState::Up,
                (true, true) => LinkState::Running,
            },
            connected: match flags.connection_status {
                ConnectionStatus::Connected => Some(true),
                ConnectionStatus::Disconnected => Some(false),
                ConnectionStatus::Unknown | ConnectionStatus::NotApplicable => None,
            },
            loopback: flags.is_loopback(),
            wireless: flags.is_wireless(),
            addresses: device.addresses.iter().map(|entry| entry.addr).collect(),
            description: device.desc,
            name: device.name,
        }
    }
}

/// All interfaces, those in use first, as libpcap has them.
pub fn interfaces() -> Result<Vec<Interface>, CaptureError> {
    match Device::list() {
        Ok(devices) => Ok(devices.into_iter().map(Interface::from).collect()),
        Err(error) => Err(CaptureError::new(
            Path::new("interfaces"),
            None,
            in_words(&error),
        )),
    }
}

/// Where to sniff unless told: all interfaces where the system can do that at
/// once, else the first that is in use.
pub fn default_interface() -> Result<String, CaptureError> {
    let all = interfaces()?;
    let any = all.iter().find(|interface| interface.name == ANY);
    let first = any.or_else(|| all.first());
    first
        .map(|interface| interface.name.clone())
        .ok_or_else(|| CaptureError::new(Path::new("interfaces"), None, "there are none"))
}

/// Makes sure that there is an interface of this name.
pub(super) fn check(name: &str) -> Result<(), CaptureError> {
    let all = interfaces()?;
    if all.iter().any(|interface| interface.name == name) {
        return Ok(());
    }
    let known: Vec<&str> = all
        .iter()
        .map(|interface| interface.name.as_str())
        .collect();
    let reason = format!("no such interface; there are {}", known.join(", "));
    Err(CaptureError::new(Path::new(name), None, reason))
}
