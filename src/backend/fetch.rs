//! The package that a finished collection brought: its link is asked for, and what lies behind it is written to a new file
//! of the person's own. No token goes to the host of the file, and nothing of it is unpacked or believed.
//!
//! The file bears its name only when it is whole: until then it lies beside it under a name of ours, and goes when the
//! fetching is dropped.

use super::call::How;
use super::client::Download;
use super::core::Core;
use super::origin;
use super::supervisor::Out;
use crate::config::file::private_dir;
use crate::model::{Call, Fault, FaultKind, Json, Key, Kind, Service};
use crate::msg::{Body, Fetched};
use crate::resource::action;
use rustix::fs::{Mode, OFlags, open};
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use table::Text;
use tokio::io::AsyncWriteExt;

/// Largest package that is taken.
const MOST: u64 = 2 << 30;
/// How often it is told how far it is.
const TELL: Duration = Duration::from_millis(250);

/// Fetches a package into a new file.
pub async fn fetch(core: &Arc<Core>, key: &Key, to: &str, out: &Out) -> Body {
    match package(core, key, to, out).await {
        Ok(fetched) => Body::Fetched(fetched),
        Err(fault) => Body::Fault(fault),
    }
}

async fn package(core: &Arc<Core>, key: &Key, to: &str, out: &Out) -> Result<Fetched, Fault> {
    // the file first: links are few and short-lived
    let place = Place::make(to)?;
    let id = match key.kind {
        Kind::Device => newest(core, key).await?,
        _ => key.id.clone(),
    };
    let bad = |e: crate::model::call::BadPath| Fault::new(FaultKind::BadRequest, e.to_string());
    let call = action::package_link(id.txt()).map_err(bad)?;
    let link = link(core, &call).await?;
    let url = origin::file(&link, core.tenant.sim)?;
    let file = core.wire.download(&url).await?;
    take(core, place, file, out).await
}

/// The newest collection of a device that ended well.
async fn newest(core: &Arc<Core>, key: &Key) -> Result<Text, Fault> {
    let actions = read(core, &action::of_machine(key.id.txt())).await?;
    let rows = Json(&actions);
    let newest = action::newest_package(rows.list("value"));
    newest.ok_or_else(|| {
        let what = "no collection of this device has ended well among its last hundred actions";
        gone(what).next("collect a package first (`a p`)")
    })
}

async fn link(core: &Arc<Core>, call: &Call) -> Result<String, Fault> {
    let answer = read(core, call).await.map_err(|fault| match fault.status {
        404 => gone("the service has no package of this collection any more, or not yet")
            .next("look whether it succeeded, or collect it again"),
        _ => fault,
    })?;
    let link = answer.get("value").and_then(Value::as_str);
    let link = link.unwrap_or_default().trim();
    // the service puts a pair of quotes inside of the text
    let bare = link.strip_prefix('"').and_then(|l| l.strip_suffix('"'));
    Ok(bare.unwrap_or(link).to_owned())
}

async fn read(core: &Arc<Core>, call: &Call) -> Result<Value, Fault> {
    let url = core.origins(call.service)?.url(call)?;
    let got = core.read(call, &url, How::INSIST).await?;
    match got {
        Some(got) => got.body.value().map_err(|f| f.on(call.service)),
        None => Ok(Value::Null),
    }
}

fn gone(what: &str) -> Fault {
    Fault::new(FaultKind::Gone, what).on(Service::Defender)
}

/// Takes the file piece by piece.
async fn take(
    core: &Arc<Core>,
    mut place: Place,
    mut file: Download,
    out: &Out,
) -> Result<Fetched, Fault> {
    answered(&file)?;
    if file.length.is_some_and(|n| n > MOST) {
        return Err(too_large());
    }
    let tell = |done| {
        let total = file.length;
        Body::Fetching { done, total }
    };
    out.say(tell(0));
    let mut sum = ring::digest::Context::new(&ring::digest::SHA256);
    let (mut done, mut told, mut head) = (0_u64, core.mono(), Vec::new());
    while let Some(piece) = file.piece().await? {
        done += piece.len() as u64;
        if done > MOST {
            return Err(too_large());
        }
        if head.len() < 4 {
            head.extend(piece.iter().take(4));
        }
        sum.update(&piece);
        place.write(&piece).await?;
        let now = core.mono();
        if now.saturating_sub(told) >= TELL {
            told = now;
            let total = file.length;
            out.say(Body::Fetching { done, total });
        }
    }
    if file.length.is_some_and(|n| n != done) || done == 0 {
        let what = format!("{} ended before the file was whole", file.host);
        return Err(Fault::new(FaultKind::Network, what).next("fetch it again"));
    }
    let path = place.finish().await?;
    let sha256 = sum.finish();
    Ok(Fetched {
        path,
        bytes: done,
        sha256: sha256.as_ref().iter().map(|b| format!("{b:02x}")).collect(),
        zip: head.starts_with(b"PK"),
    })
}

/// What the host of the file says before it sends it.
fn answered(file: &Download) -> Result<(), Fault> {
    let (host, status) = (&file.host, file.status);
    let mut fault = match status {
        200..=299 => return Ok(()),
        300..=399 => Fault::new(
            FaultKind::ForeignLink,
            format!("{host} answers with another place, which is not followed"),
        )
        .next("fetch it in the portal"),
        401 | 403 | 404 | 410 => Fault::new(
            FaultKind::Gone,
            format!("{host} does not take the link, or not any more: it lives for minutes"),
        )
        .next("fetch it again: a new link is asked for"),
        _ => Fault::new(
            FaultKind::Server,
            format!("{host} did not hand out the file"),
        )
        .next("fetch it again"),
    };
    fault.status = status;
    Err(fault)
}

fn too_large() -> Fault {
    let what = format!("the file is larger than {} GiB", MOST >> 30);
    Fault::new(FaultKind::BadAnswer, what).next("fetch it in the portal; nothing of it was kept")
}

/// A new file that has its name only when it is whole.
struct Place {
    path: PathBuf,
    beside: PathBuf,
    file: Option<tokio::fs::File>,
}

impl Place {
    fn make(to: &str) -> Result<Self, Fault> {
        let wrong =
            |what: String| Err(Fault::new(FaultKind::Disk, what).next("choose another name"));
        let path = at_home(to.trim());
        if !path.is_absolute() {
            return wrong("a whole path is wanted, from / or ~ on".into());
        }
        let (Some(name), Some(folder)) = (path.file_name(), path.parent()) else {
            return wrong("the path has no name of a file at its end".into());
        };
        if std::fs::symlink_metadata(&path).is_ok() {
            return wrong(format!("{} is there already", shown(&path)));
        }
        let failed = |why: String| {
            let what = format!("{} cannot be written: {why}", shown(&path));
            Fault::new(FaultKind::Disk, what).next("choose another place")
        };
        if !folder.exists() {
            private_dir(folder).map_err(|e| failed(e.to_string()))?;
        }
        let beside = uuid::Uuid::new_v4().simple();
        let beside = folder.join(format!(".{}.{beside}.part", name.to_string_lossy()));
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = open(&beside, flags, Mode::RUSR | Mode::WUSR);
        let file = file.map_err(|e| failed(e.to_string()))?;
        Ok(Self {
            file: Some(tokio::fs::File::from_std(File::from(file))),
            path,
            beside,
        })
    }

    fn failed(&self, e: &std::io::Error) -> Fault {
        let what = format!("{} cannot be written: {e}", shown(&self.path));
        Fault::new(FaultKind::Disk, what)
            .next("make room or choose another place; what came was removed")
    }

    async fn write(&mut self, piece: &[u8]) -> Result<(), Fault> {
        let done = match &mut self.file {
            Some(file) => file.write_all(piece).await,
            None => Ok(()),
        };
        done.map_err(|e| self.failed(&e))
    }

    /// Gives it its name, unless somebody took that meanwhile.
    async fn finish(mut self) -> Result<String, Fault> {
        let synced = match &mut self.file {
            Some(file) => match file.flush().await {
                Ok(()) => file.sync_all().await,
                Err(e) => Err(e),
            },
            None => Ok(()),
        };
        self.file = None;
        // a link, since a renaming would put it in the place of another file; some disks have no links
        let linked = |()| match std::fs::hard_link(&self.beside, &self.path) {
            Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists && !self.path.exists() => {
                std::fs::rename(&self.beside, &self.path)
            }
            done => done,
        };
        let named = synced.and_then(linked);
        named.map_err(|e| self.failed(&e))?;
        Ok(shown(&self.path))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.beside);
    }
}

/// `~/x` is in the person's own folder.
fn at_home(to: &str) -> PathBuf {
    let home = directories::BaseDirs::new();
    match (to.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.home_dir().join(rest),
        _ => PathBuf::from(to),
    }
}

fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    table::Txt::new(&text).shown().into_owned()
}
