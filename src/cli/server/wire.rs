//! Messages over standard input and output. A message that cannot be read is answered with an error, as the protocol asks, and
//! the next one is read; where a message ends is no longer known once its header is broken, and then the connection ends.

use std::io::{self, BufRead, Read, Write};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};
use lsp_server::{Connection, ErrorCode, Message};
use serde_json::json;

/// No message is longer: a header that says so is broken.
const LONGEST: usize = 1 << 30;

/// The threads that read and write.
pub struct Wire {
    reader: JoinHandle<io::Result<()>>,
    writer: JoinHandle<io::Result<()>>,
}

/// Connects with standard input and output.
pub fn stdio() -> (Connection, Wire) {
    let (sender, outgoing) = bounded::<Message>(0);
    let (incoming, receiver) = bounded::<Message>(0);
    let wire = Wire { reader: thread::spawn(move || receive(&incoming)), writer: thread::spawn(move || send(&outgoing)) };
    (Connection { sender, receiver }, wire)
}

impl Wire {
    /// Waits until all is written that was sent; the connection has to be gone. What broke it, if anything did.
    pub fn end(self) -> io::Result<()> {
        let written = self.writer.join().unwrap_or(Ok(()));
        // A client that is refused may keep its end open: nobody waits for it.
        let read = if self.reader.is_finished() { self.reader.join().unwrap_or(Ok(())) } else { Ok(()) };
        read.and(written)
    }
}

fn receive(messages: &Sender<Message>) -> io::Result<()> {
    let mut input = io::stdin().lock();
    while let Some(body) = frame(&mut input)? {
        let message = match serde_json::from_slice::<Message>(&body) {
            Ok(message) => message,
            Err(error) => {
                let code = if error.is_data() { ErrorCode::InvalidRequest } else { ErrorCode::ParseError };
                refuse(code, &error.to_string())?;
                continue;
            }
        };
        let ends = matches!(&message, Message::Notification(notification) if notification.method == "exit");
        if messages.send(message).is_err() || ends {
            break;
        }
    }
    Ok(())
}

fn send(messages: &Receiver<Message>) -> io::Result<()> {
    messages.iter().try_for_each(|message| message.write(&mut io::stdout().lock()))
}

/// Answers what was no message, and so had no number.
fn refuse(code: ErrorCode, why: &str) -> io::Result<()> {
    let text = json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code as i32, "message": why } }).to_string();
    let mut output = io::stdout().lock();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

/// The body of the next message; `None` at the end of the input.
fn frame(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let broken = |line: &str| io::Error::new(io::ErrorKind::InvalidData, format!("`{}` is no header of a message", line.trim_end()));
    let mut length = None;
    let mut line = String::new();
    loop {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if line.trim_end().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| broken(&line))?;
        if name.eq_ignore_ascii_case("content-length") {
            let number = value.trim().parse::<usize>().ok().filter(|length| *length <= LONGEST);
            length = Some(number.ok_or_else(|| broken(&line))?);
        }
    }
    let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a message without `Content-Length`"))?;
    // Room is made as the text comes: the header may promise more than there is.
    let mut body = Vec::new();
    let read = input.take(length as u64).read_to_end(&mut body)?;
    if read < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(mut text: &[u8]) -> Result<Option<Vec<u8>>, String> {
        frame(&mut text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_frame_is_as_long_as_its_header_says() {
        assert_eq!(body(b"Content-Length: 2\r\nContent-Type: x\r\n\r\n{}rest"), Ok(Some(b"{}".to_vec())));
        assert_eq!(body(b""), Ok(None));
    }

    #[test]
    fn a_broken_header_is_told() {
        assert_eq!(body(b"hello\r\n"), Err("`hello` is no header of a message".to_owned()));
        assert_eq!(body(b"Content-Length: x\r\n\r\n"), Err("`Content-Length: x` is no header of a message".to_owned()));
        assert!(body(b"Content-Length: 99999999999999\r\n\r\n{}").is_err() && body(b"Content-Length: 9\r\n\r\n{}").is_err());
        assert_eq!(body(b"X: 1\r\n\r\n"), Err("a message without `Content-Length`".to_owned()));
    }
}
