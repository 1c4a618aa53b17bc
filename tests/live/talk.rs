//! Two peers in a few lines: a transfer that is known to the byte.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Bytes of a block, and of a piece.
pub const BLOCK: u32 = 16 << 10;

/// A connection between two peers, on the loopback interface.
pub struct Talk {
    /// Asks.
    pub leecher: TcpStream,
    /// Gives.
    pub seeder: TcpStream,
}

impl Talk {
    /// Connects from the second address to port `port` of the first one.
    pub fn connect(port: u16) -> Self {
        let listener = TcpListener::bind((super::lab::ENDS[0], port)).expect("free port");
        Self::to(&listener)
    }

    /// Connects to a listener.
    pub fn to(listener: &TcpListener) -> Self {
        let address: SocketAddr = listener.local_addr().expect("address");
        let leecher = TcpStream::connect(address).expect("connects");
        let (seeder, _) = listener.accept().expect("accepts");
        for end in [&leecher, &seeder] {
            end.set_nodelay(true).expect("TCP");
        }
        Self { leecher, seeder }
    }

    /// Handshakes, interest and unchoke: five messages and a bitfield.
    pub fn greet(&mut self) {
        say(&mut self.leecher, &mut self.seeder, &handshake(b'L'));
        say(&mut self.seeder, &mut self.leecher, &handshake(b'S'));
        say(&mut self.seeder, &mut self.leecher, &[0, 0, 0, 2, 5, 0xff]);
        say(&mut self.leecher, &mut self.seeder, &[0, 0, 0, 1, 2]);
        say(&mut self.seeder, &mut self.leecher, &[0, 0, 0, 1, 1]);
    }

    /// The request of a piece, and the piece.
    pub fn fetch(&mut self, piece: u32) {
        say(&mut self.leecher, &mut self.seeder, &request(piece));
        say(&mut self.seeder, &mut self.leecher, &self::piece(piece));
    }

    /// `count` pieces, as fast as it goes: requests ahead, pieces behind them.
    pub fn fetch_all(&mut self, count: u32) {
        let mut asking = self.leecher.try_clone().expect("handle");
        let mut giving = self.seeder.try_clone().expect("handle");
        thread::scope(|scope| {
            scope.spawn(move || {
                for number in 0..count {
                    asking.write_all(&request(number)).expect("asks");
                }
            });
            scope.spawn(move || {
                let mut asked = [0; 17];
                for number in 0..count {
                    giving.read_exact(&mut asked).expect("is asked");
                    assert_eq!(asked, request(number));
                    giving.write_all(&self::piece(number)).expect("gives");
                }
            });
            let mut got = vec![0; BLOCK as usize + 13];
            for _ in 0..count {
                self.leecher.read_exact(&mut got).expect("gets");
            }
        });
    }
}

/// One sends, the other receives.
fn say(from: &mut TcpStream, to: &mut TcpStream, message: &[u8]) {
    from.write_all(message).expect("sends");
    let mut received = vec![0; message.len()];
    to.read_exact(&mut received).expect("receives");
    assert_eq!(received, message);
}

fn handshake(who: u8) -> [u8; 68] {
    let mut message = [who; 68];
    message[..20].copy_from_slice(b"\x13BitTorrent protocol");
    message[20..28].fill(0);
    message[28..48].fill(0x11);
    message
}

fn request(piece: u32) -> [u8; 17] {
    let mut message = [0; 17];
    message[..5].copy_from_slice(&[0, 0, 0, 13, 6]);
    message[5..9].copy_from_slice(&piece.to_be_bytes());
    message[13..].copy_from_slice(&BLOCK.to_be_bytes());
    message
}

fn piece(piece: u32) -> Vec<u8> {
    let mut message = (BLOCK + 9).to_be_bytes().to_vec();
    message.push(7);
    message.extend_from_slice(&piece.to_be_bytes());
    message.extend_from_slice(&[0; 4]);
    // Nothing that looks like messages.
    let noise = |at: u32| (at.wrapping_mul(2_654_435_761) ^ piece) >> 11;
    message.extend((0..BLOCK).map(|at| noise(at) as u8 | 0x80));
    message
}
