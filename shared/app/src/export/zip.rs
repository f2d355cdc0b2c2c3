//! A zip archive that is written as it goes: deflated files one after the other, the directory at the end (APPNOTE 6.3).
//!
//! Sizes and checksums stand behind each file, since they are not known before it. An archive ends long before four
//! gigabytes, more than which its fields cannot tell.

use std::io::{self, Write as _};

use flate2::{Compression, Crc, write::DeflateEncoder};
use jiff::{Timestamp, tz::TimeZone};

/// Uncompressed bytes after which an archive should end.
const MOST: u64 = 1 << 30;

/// Deflated, its sizes behind it, its name in UTF-8 (APPNOTE 4.4.4).
const FLAGS: u16 = 0x0808;
const DEFLATED: u16 = 8;
const VERSION: u16 = 20;

/// An archive under way.
#[derive(Debug)]
pub(super) struct Zip {
    /// What nobody took yet.
    ready: Vec<u8>,
    /// How many bytes were taken.
    taken: u64,
    unpacked: u64,
    time: [u8; 4],
    files: Vec<File>,
    open: Option<Open>,
}

#[derive(Debug)]
struct File {
    name: String,
    offset: u32,
    crc: u32,
    packed: u32,
    unpacked: u32,
}

#[derive(Debug)]
struct Open {
    name: String,
    offset: u64,
    begins: u64,
    unpacked: u64,
    crc: Crc,
    deflate: DeflateEncoder<Vec<u8>>,
}

impl Zip {
    /// An empty archive whose files are as old as an instant.
    pub(super) fn new(at: Timestamp) -> Self {
        Self { ready: Vec::new(), taken: 0, unpacked: 0, time: dos_time(at), files: Vec::new(), open: None }
    }

    /// Begins a file; the one before it has ended.
    pub(super) fn begin(&mut self, name: &str) -> io::Result<()> {
        self.end()?;
        let offset = self.offset();
        self.put(&[&0x0403_4b50_u32.to_le_bytes(), &VERSION.to_le_bytes(), &FLAGS.to_le_bytes()]);
        self.put(&[&DEFLATED.to_le_bytes(), &self.time.clone(), &[0; 12], &name_length(name)?, &[0; 2]]);
        self.put(&[name.as_bytes()]);
        let deflate = DeflateEncoder::new(Vec::new(), Compression::default());
        let (name, begins) = (name.to_owned(), self.offset());
        self.open = Some(Open { name, offset, begins, unpacked: 0, crc: Crc::new(), deflate });
        Ok(())
    }

    /// Adds to the file that was begun.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let open = self.open.as_mut().ok_or_else(|| io::Error::other("no file was begun"))?;
        open.crc.update(bytes);
        open.deflate.write_all(bytes)?;
        let length = u64::try_from(bytes.len()).map_err(io::Error::other)?;
        (open.unpacked, self.unpacked) = (open.unpacked + length, self.unpacked + length);
        self.ready.append(open.deflate.get_mut());
        Ok(())
    }

    /// Ends the file that was begun, if there is one.
    pub(super) fn end(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        self.ready.append(&mut open.deflate.finish()?);
        let packed = self.offset() - open.begins;
        let file = File {
            name: open.name,
            offset: short(open.offset)?,
            crc: open.crc.sum(),
            packed: short(packed)?,
            unpacked: short(open.unpacked)?,
        };
        self.put(&[&0x0807_4b50_u32.to_le_bytes(), &file.crc.to_le_bytes()]);
        self.put(&[&file.packed.to_le_bytes(), &file.unpacked.to_le_bytes()]);
        self.files.push(file);
        Ok(())
    }

    /// Ends the archive.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.end()?;
        let (begins, files) = (self.offset(), std::mem::take(&mut self.files));
        let n_files = u16::try_from(files.len()).map_err(io::Error::other)?.to_le_bytes();
        for file in files {
            self.put(&[&0x0201_4b50_u32.to_le_bytes(), &VERSION.to_le_bytes(), &VERSION.to_le_bytes()]);
            self.put(&[&FLAGS.to_le_bytes(), &DEFLATED.to_le_bytes(), &self.time.clone(), &file.crc.to_le_bytes()]);
            self.put(&[&file.packed.to_le_bytes(), &file.unpacked.to_le_bytes(), &name_length(&file.name)?]);
            self.put(&[&[0; 12], &file.offset.to_le_bytes(), file.name.as_bytes()]);
        }
        let length = self.offset() - begins;
        self.put(&[&0x0605_4b50_u32.to_le_bytes(), &[0; 4], &n_files, &n_files]);
        self.put(&[&short(length)?.to_le_bytes(), &short(begins)?.to_le_bytes(), &[0; 2]]);
        Ok(())
    }

    /// Bytes that wait to be taken.
    pub(super) const fn waiting(&self) -> usize {
        self.ready.len()
    }

    /// Takes what waits.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.taken = self.offset();
        std::mem::take(&mut self.ready)
    }

    /// Whether it should end.
    pub(super) const fn is_full(&self) -> bool {
        self.unpacked >= MOST
    }

    fn offset(&self) -> u64 {
        self.taken + u64::try_from(self.ready.len()).unwrap_or(u64::MAX)
    }

    fn put(&mut self, parts: &[&[u8]]) {
        self.ready.extend(parts.iter().copied().flatten());
    }
}

fn short(count: u64) -> io::Result<u32> {
    u32::try_from(count).map_err(io::Error::other)
}

fn name_length(name: &str) -> io::Result<[u8; 2]> {
    Ok(u16::try_from(name.len()).map_err(io::Error::other)?.to_le_bytes())
}

/// Time and date as MS-DOS counts them, in UTC: to two seconds, from 1980 on.
fn dos_time(at: Timestamp) -> [u8; 4] {
    let at = TimeZone::UTC.to_datetime(at);
    let part = |value: i8, bits: u32| u32::from(value.unsigned_abs()) << bits;
    let year = u32::from(at.year().unsigned_abs().saturating_sub(1980)) << 25;
    let time = part(at.hour(), 11) | part(at.minute(), 5) | part(at.second() / 2, 0);
    (year | part(at.month(), 21) | part(at.day(), 16) | time).to_le_bytes()
}
