//! The compound file that an old workbook is kept in: just enough to look before calamine leaps.
//!
//! Reading follows chains of sectors that a hostile file can tie into a loop. Here every chain is
//! as short as the file, and anything else is refused. Layout: MS-CFB §2.2 to §2.6.

const END_OF_CHAIN: u32 = 0xffff_fffe;
/// Sector numbers from here on are marks, not sectors.
const RESERVED: u32 = 0xffff_fffa;
const HEADER: usize = 512;
const MINI_SECTOR: usize = 64;
/// Streams shorter than this live in the mini stream.
const MINI_CUTOFF: u64 = 4_096;

/// Streams by name, of a file whose chains are sound.
pub struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini_stream: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    start: u32,
    len: u64,
}

impl<'a> Compound<'a> {
    /// Reads the tables of the file; the error says what is wrong with it.
    pub fn open(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let sector = match u16_at(bytes, 30)? {
            9 => 512,
            12 => 4_096,
            _ => return Err("its sectors are of no known size"),
        };
        let mut file =
            Self { bytes, sector, fat: Vec::new(), mini_fat: Vec::new(), mini_stream: Vec::new(), entries: Vec::new() };
        file.fat = file.read_fat()?;
        file.entries = entries(&file.chain(u32_at(bytes, 48)?, u64::MAX)?, sector);
        let root = file.entries.first().ok_or("its directory is empty")?;
        if u32_at(bytes, 64)? > 0 {
            file.mini_stream = file.chain(root.start, root.len)?;
            file.mini_fat = words(&file.chain(u32_at(bytes, 60)?, u64::MAX)?);
        }
        Ok(file)
    }

    pub fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// The bytes of a stream, or none of that name.
    pub fn stream(&self, name: &str) -> Result<Option<Vec<u8>>, &'static str> {
        let Some(entry) = self.entry(name) else { return Ok(None) };
        if entry.len < MINI_CUTOFF {
            self.mini_chain(entry).map(Some)
        } else {
            self.chain(entry.start, entry.len).map(Some)
        }
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    fn n_sectors(&self) -> usize {
        self.bytes.len() / self.sector
    }

    fn sector(&self, id: u32) -> Result<&'a [u8], &'static str> {
        let at = HEADER.max(self.sector).saturating_add((id as usize).saturating_mul(self.sector));
        let end = at.saturating_add(self.sector).min(self.bytes.len());
        self.bytes.get(at..end).filter(|sector| !sector.is_empty()).ok_or("a sector lies beyond its end")
    }

    /// The allocation table: its sectors are named by the header, then by a chain of lists.
    fn read_fat(&self) -> Result<Vec<u32>, &'static str> {
        let mut ids = words(self.bytes.get(76..HEADER).ok_or("it is shorter than a header")?);
        let mut next = u32_at(self.bytes, 68)?;
        for _ in 0..=self.n_sectors() {
            if next >= RESERVED {
                break;
            }
            ids.extend(words(self.sector(next)?));
            next = ids.pop().unwrap_or(END_OF_CHAIN);
        }
        ids.retain(|id| *id < RESERVED);
        if next < RESERVED || ids.len() > self.n_sectors() {
            return Err("its allocation table goes round in circles");
        }
        let mut fat = Vec::new();
        for id in ids {
            fat.extend(words(self.sector(id)?));
        }
        Ok(fat)
    }

    fn chain(&self, start: u32, len: u64) -> Result<Vec<u8>, &'static str> {
        let mut out = Vec::new();
        let mut id = start;
        for _ in 0..=self.n_sectors() {
            if id == END_OF_CHAIN || out.len() as u64 >= len {
                out.truncate(usize::try_from(len).unwrap_or(usize::MAX));
                return Ok(out);
            }
            out.extend_from_slice(self.sector(id)?);
            id = *self.fat.get(id as usize).ok_or("a chain of sectors leaves its table")?;
        }
        Err("a chain of sectors goes round in circles")
    }

    fn mini_chain(&self, entry: &Entry) -> Result<Vec<u8>, &'static str> {
        let mut out = Vec::new();
        let mut id = entry.start;
        for _ in 0..=MINI_CUTOFF {
            if id == END_OF_CHAIN || out.len() as u64 >= entry.len {
                out.truncate(usize::try_from(entry.len).unwrap_or(usize::MAX));
                return Ok(out);
            }
            let at = (id as usize).saturating_mul(MINI_SECTOR);
            let end = at.saturating_add(MINI_SECTOR).min(self.mini_stream.len());
            out.extend_from_slice(self.mini_stream.get(at..end).ok_or("a small stream leaves its sectors")?);
            id = *self.mini_fat.get(id as usize).ok_or("a small stream leaves its table")?;
        }
        Err("a small stream goes round in circles")
    }
}

fn entries(directory: &[u8], sector: usize) -> Vec<Entry> {
    directory
        .chunks_exact(128)
        .map(|entry| {
            let name: Vec<u16> =
                entry[..64].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            let name = String::from_utf16_lossy(&name);
            let len = u64::from_le_bytes(entry[120..128].try_into().unwrap_or_default());
            Entry {
                name: name.split('\0').next().unwrap_or_default().to_owned(),
                start: u32::from_le_bytes(entry[116..120].try_into().unwrap_or_default()),
                // Version 3 leaves the upper half undefined.
                len: if sector == 512 { len & 0xffff_ffff } else { len },
            }
        })
        .collect()
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect()
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, &'static str> {
    let pair = bytes.get(at..at + 2).ok_or("it is shorter than a header")?;
    Ok(u16::from_le_bytes([pair[0], pair[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, &'static str> {
    let word = bytes.get(at..at + 4).ok_or("it is shorter than a header")?;
    Ok(u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
}
