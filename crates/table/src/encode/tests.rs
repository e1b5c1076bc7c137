use proptest::prelude::*;

use super::*;
use crate::arbitrary::{self, chunk};

proptest! {
    #![proptest_config(crate::arbitrary::cases(128))]

    #[test]
    fn stored_chunks_come_back(rows in arbitrary::rows(40)) {
        let chunk = chunk(&rows);
        prop_assert_eq!(Chunk::from_bytes(&chunk.to_bytes()).unwrap(), chunk);
    }

    /// The checksum is made right again, so that the reader behind it meets the damage.
    #[test]
    fn damaged_bytes_are_an_error_or_a_chunk(
        rows in arbitrary::rows(12),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = chunk(&rows).to_bytes();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if bytes.len() > HEAD {
            let crc = crc32fast::hash(&bytes[HEAD..]);
            bytes[6..HEAD].copy_from_slice(&crc.to_le_bytes());
        }
        if let Ok(chunk) = Chunk::from_bytes(&bytes) {
            // every cell can be read, and what was read can be stored and joined
            for row in 0..chunk.rows().min(100) {
                for col in 0..chunk.columns().len() {
                    let _ = format!("{:?}", chunk.cell(row, col));
                }
            }
            prop_assert_eq!(&Chunk::from_bytes(&chunk.to_bytes()).unwrap(), &chunk);
            prop_assert!(Chunk::concat(&[&chunk, &chunk]).is_some());
        }
    }

    #[test]
    fn any_bytes_at_all(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Chunk::from_bytes(&bytes).is_err());
    }
}

#[test]
fn each_kind_of_damage_has_its_name() {
    let good = chunk(&[]).to_bytes();
    assert_eq!(Chunk::from_bytes(b""), Err(BadChunk::Magic));
    assert_eq!(
        Chunk::from_bytes(b"WFCH"),
        Err(BadChunk::Malformed("cut short"))
    );
    let mut other = good.clone();
    other[4] = 99;
    assert_eq!(Chunk::from_bytes(&other), Err(BadChunk::Version));
    let mut flipped = good;
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(Chunk::from_bytes(&flipped), Err(BadChunk::Checksum));
}

#[test]
fn a_claim_of_billions_of_rows_allocates_nothing() {
    let mut bytes = chunk(&[]).to_bytes();
    bytes[HEAD..HEAD + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let crc = crc32fast::hash(&bytes[HEAD..]);
    bytes[6..HEAD].copy_from_slice(&crc.to_le_bytes());
    assert!(matches!(
        Chunk::from_bytes(&bytes),
        Err(BadChunk::Malformed(_))
    ));
}
