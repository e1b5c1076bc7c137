//! Properties: any bytes in any pieces.

use proptest::prelude::*;

use super::*;

fn chunks(bytes: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.sort_unstable();
    let mut from = 0;
    let mut pieces = Vec::new();
    for to in cuts.into_iter().chain([bytes.len()]) {
        if from < to {
            pieces.push(bytes[from..to].to_vec());
        }
        from = to;
    }
    pieces
}

/// Bytes that are likelier than others to mean something.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<u8>().prop_map(|b| vec![b]),
        prop::sample::select(b"\x1b[]OP_^X\\;:?<>$~ABMu\x07\x03\x18019".to_vec())
            .prop_map(|b| vec![b]),
        prop::sample::select(
            special()
                .into_iter()
                .map(|(bytes, ..)| bytes.to_vec())
                .chain(others().into_iter().map(<[u8]>::to_vec))
                .collect::<Vec<_>>()
        ),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn cases(few: u32) -> u32 {
    if std::env::var_os("WF_SOAK").is_some() {
        few * 50
    } else {
        few
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(400), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_in_any_pieces_are_the_same_inputs(bytes in bytes(), cuts in prop::collection::vec(any::<usize>(), 0..12)) {
        let pieces = chunks(&bytes, &cuts);
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(said(&fed(&pieces, ms(40))), said(&whole(&bytes)));
    }

    #[test]
    fn any_bytes_with_any_silences_do_no_harm(bytes in bytes(), cuts in prop::collection::vec(any::<usize>(), 0..12), pause in 0..3000_u64) {
        let pieces = chunks(&bytes, &cuts);
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        fed(&pieces, ms(pause));
    }
}
