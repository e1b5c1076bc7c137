//! Hunts in folders: found, saved, renamed, deleted, imported; what is wrong is said and nothing is followed or run.

use super::*;
use std::sync::Mutex;

struct Shelfs {
    dir: tempfile::TempDir,
    desk: Desk,
    said: Arc<Mutex<Vec<Event>>>,
}

fn shelfs() -> Shelfs {
    let dir = tempfile::tempdir().unwrap();
    let said = Arc::new(Mutex::new(Vec::new()));
    let events: Events = {
        let said = said.clone();
        Arc::new(move |e| said.lock().unwrap().push(e))
    };
    let desk = Desk {
        folders: Folders {
            own: dir.path().join("queries"),
            history: dir.path().join("history"),
        },
        events,
        seen: BTreeMap::new(),
        told: false,
    };
    Shelfs { dir, desk, said }
}

impl Shelfs {
    fn put(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        file::write_atomic(&path, text.as_bytes()).unwrap();
    }

    fn read(&mut self) -> Option<Vec<Kept>> {
        let further = [self.dir.path().join("team")];
        self.desk.take(Shelf::Read {
            folders: further.to_vec(),
        });
        self.hunts()
    }

    /// The list as it was told last, if it was told.
    fn hunts(&mut self) -> Option<Vec<Kept>> {
        let mut said = self.said.lock().unwrap();
        let place = said
            .iter()
            .rposition(|e| matches!(e, Event::Shelved(Shelved::Hunts(_))))?;
        match said.remove(place) {
            Event::Shelved(Shelved::Hunts(hunts)) => Some(hunts),
            _ => None,
        }
    }

    fn news(&self) -> String {
        let mut said = self.said.lock().unwrap();
        let text = said.drain(..).filter_map(|e| match e {
            Event::News(News::Notice { text, .. }) => Some(text),
            _ => None,
        });
        text.collect::<Vec<_>>().join("\n")
    }
}

fn saved(title: &str, text: &str) -> Box<Saved> {
    Box::new(Saved {
        title: title.into(),
        text: text.into(),
        ..Saved::default()
    })
}

#[test]
fn files_of_all_folders_are_found_and_told_again_only_when_one_changed() {
    let mut s = shelfs();
    s.put("queries/a.kql", "// ---\n// title: Own\n// ---\nprint 1");
    s.put(
        "team/deep/er/b.kql",
        "externaldata(a: string)['https://x.example']",
    );
    s.put("team/.git/c.kql", "print 3");
    s.put("team/notes.txt", "print 4");
    std::os::unix::fs::symlink(
        s.dir.path().join("queries/a.kql"),
        s.dir.path().join("team/link.kql"),
    )
    .unwrap();
    let hunts = s.read().expect("told");
    let names: Vec<(&str, &[&str])> = hunts
        .iter()
        .map(|k| (k.saved.title.as_str(), k.reaches.as_slice()))
        .collect();
    assert_eq!(names, [("Own", &[][..]), ("b", &["externaldata"])]);
    assert!(s.read().is_none(), "nothing changed");
    s.put("queries/a.kql", "// ---\n// title: Other\n// ---\nprint 1");
    assert_eq!(s.read().expect("told")[0].saved.title, "Other");
    std::fs::remove_file(s.dir.path().join("queries/a.kql")).unwrap();
    assert_eq!(s.read().expect("told").len(), 1);
}

#[test]
fn a_file_that_others_can_write_is_named_and_not_read() {
    use std::os::unix::fs::PermissionsExt;
    let mut s = shelfs();
    s.put("queries/a.kql", "print 1");
    let path = s.dir.path().join("queries/a.kql");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let hunts = s.read().unwrap();
    assert_eq!(hunts[0].saved.text, "");
    assert!(
        hunts[0]
            .wrong
            .as_ref()
            .unwrap()
            .contains("written by others")
    );
}

#[test]
fn saving_asks_before_it_writes_over_and_renaming_and_deleting_do_what_they_say() {
    let mut s = shelfs();
    let wish = |place: Option<Place>, over: bool| Shelf::Save {
        saved: saved("Logons, all: of them!", "DeviceLogonEvents"),
        place,
        tab: 7,
        over,
    };
    s.desk.take(wish(None, false));
    let hunts = s.hunts().unwrap();
    let place = hunts[0].place.clone();
    assert!(
        place
            .path()
            .unwrap()
            .ends_with("queries/logons-all-of-them.kql")
    );
    assert_eq!(hunts[0].saved.text, "DeviceLogonEvents");
    s.desk.take(wish(None, false));
    let asked = |e: &Event| matches!(e, Event::Shelved(Shelved::Exists { tab: 7, .. }));
    assert!(s.said.lock().unwrap().iter().any(asked));
    s.news();
    s.desk.take(wish(Some(place.clone()), true));
    assert!(s.news().contains("saved as"));
    s.desk.take(Shelf::Rename {
        from: place,
        to: "Других".into(),
    });
    let hunts = s.hunts().unwrap();
    assert_eq!((hunts.len(), hunts[0].saved.title.as_str()), (1, "Других"));
    s.desk.take(Shelf::Delete {
        place: hunts[0].place.clone(),
    });
    assert_eq!(s.hunts().unwrap(), []);
    s.desk.take(Shelf::Delete {
        place: Place::Pack("device-timeline"),
    });
    assert!(s.news().contains("cannot be deleted"));
}

#[test]
fn what_came_with_the_program_is_saved_beside_under_its_name() {
    let mut s = shelfs();
    s.desk.take(Shelf::Save {
        saved: saved("Timeline of a device", "print 1"),
        place: Some(Place::Pack("device-timeline")),
        tab: 1,
        over: false,
    });
    assert!(s.dir.path().join("queries/device-timeline.kql").exists());
}

#[test]
fn rules_of_a_folder_are_imported_and_bad_ones_named_with_their_line() {
    let mut s = shelfs();
    s.put(
        "rules/good.yaml",
        "name: One\nquery: |\n  DeviceInfo\n  | take 1\n",
    );
    s.put("rules/sub/also.yml", "name: Two\nquery: print 2\n");
    s.put("rules/bad.yaml", "name: Three\nquery:\n  - a\n");
    let from = s.dir.path().join("rules");
    s.desk.take(Shelf::Import {
        from: from.display().to_string(),
    });
    let news = s.news();
    assert!(news.contains("2 imported; 1 could not be read"), "{news}");
    assert!(news.contains("bad.yaml: line 3"), "{news}");
    let hunts = s.desk.seen.len();
    assert_eq!(hunts, 2);
    s.desk.take(Shelf::Import {
        from: from.display().to_string(),
    });
    assert!(s.news().contains("0 imported; 2 were there already"));
    s.desk.take(Shelf::Import {
        from: s.dir.path().join("nowhere").display().to_string(),
    });
    assert!(s.news().contains("nowhere"));
    s.desk.take(Shelf::Import {
        from: "rules".into(),
    });
    assert!(s.news().contains("a whole path"));
}

#[test]
fn a_folder_that_cannot_be_written_is_a_sentence() {
    let mut s = shelfs();
    std::fs::write(s.dir.path().join("queries"), "a file in its place").unwrap();
    s.desk.take(Shelf::Save {
        saved: saved("X", "print 1"),
        place: None,
        tab: 1,
        over: false,
    });
    assert!(s.news().contains("was not written"));
}

#[test]
fn names_of_files_are_plain() {
    for (title, name) in [
        ("Who logged on?", "who-logged-on"),
        ("../../etc/passwd", "etc-passwd"),
        ("  ", "2020"),
    ] {
        assert_eq!(slug(title), name);
    }
    assert!(slug(&"a".repeat(500)).len() <= 80);
}
