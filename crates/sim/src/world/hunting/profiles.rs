//! Tables behind functions of the service: `FileProfile` by hash, `DeviceFromIP` by address.

use std::sync::Arc;

use hashbrown::HashSet;
use table::Chunk;

use super::super::World;
use super::super::dice::Dice;
use super::super::stamp::DAY;
use super::super::story::What;
use super::super::story::facts::File;
use super::book::Book;
use super::programs::PROGRAMS;
use super::shape::Shape;

/// The rows that a function looks in.
pub(super) fn make(world: &World, name: &str, shape: &Arc<Shape>) -> Option<Vec<Chunk>> {
    let mut book = Book::new(Arc::clone(shape));
    match name {
        "FileProfile" => files(world, &mut book),
        "DeviceFromIP" => addresses(world, &mut book),
        _ => return None,
    }
    Some(vec![book.finish()])
}

fn files(world: &World, book: &mut Book) {
    let mut seen = HashSet::new();
    let mut add = |file: &File, common: bool, threat: Option<&str>| {
        if !seen.insert(file.seed) {
            return;
        }
        let (sha1, sha256, md5) = file.hashes();
        let mut dice = Dice::of(file.seed ^ 0x50f1);
        let microsoft = file.signer.is_some_and(|s| s.starts_with("Microsoft"));
        let first = world.now().plus(-if common { 900 } else { 3 } * DAY);
        let prevalence = if common {
            200_000 + dice.below(40_000_000)
        } else {
            1 + dice.below(40)
        };
        book.text("SHA1", &sha1)
            .text("SHA256", &sha256)
            .text("MD5", &md5)
            .int("FileSize", file.size as i64)
            .int("GlobalPrevalence", prevalence as i64)
            .time("GlobalFirstSeen", first)
            .time("GlobalLastSeen", world.now().plus(-DAY / 7))
            .text("Signer", file.signer.unwrap_or_default())
            .text("Publisher", file.signer.unwrap_or_default())
            .text(
                "Issuer",
                if microsoft {
                    "Microsoft Windows Production PCA 2011"
                } else {
                    ""
                },
            )
            .bool("IsCertificateValid", file.signer.is_some())
            .bool("IsRootSignerMicrosoft", microsoft)
            .text(
                "SignatureState",
                if file.signer.is_some() {
                    "SignedValid"
                } else {
                    "Unsigned"
                },
            )
            .bool("IsExecutable", true)
            .text("ThreatName", threat.unwrap_or_default())
            .text("SoftwareName", &file.name)
            .text("ProfileAvailability", "Available");
        book.end();
    };
    for program in &PROGRAMS {
        let mut file = super::sessions::image(program);
        file.signer = Some(program.maker.0).filter(|m| !m.is_empty());
        add(&file, true, None);
    }
    for scene in &world.all_told().scenes {
        let threat = scene.spec().and_then(|s| s.threat).map(|t| t.0);
        match &scene.event.what {
            What::Process(p) => add(&p.image, p.image.signer.is_some(), None),
            What::File { file, .. } => add(file, file.signer.is_some(), threat),
            _ => {}
        }
    }
}

fn addresses(world: &World, book: &mut Book) {
    for device in 0..world.machine_count() {
        book.text("IP", world.machine_ip(device))
            .text("DeviceId", world.machine_id(device));
        book.end();
    }
}
