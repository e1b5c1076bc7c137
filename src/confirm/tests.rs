use super::challenge::{Challenge, tail};
use super::*;
use crate::model::guard::Never;
use crate::model::{Guards, Mode, Session};
use crate::msg::{KeyPress, Now};
use crate::verb::{BASE, Consequence, Verb};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::sync::Arc;

static DISABLE: Verb = Verb {
    name: "disable",
    kinds: &[Kind::User],
    tier: 2,
    ..BASE
};

fn now(secs: u64) -> Now {
    Now {
        mono: Duration::from_secs(secs),
        wall: Ticks(secs as i64 * crate::model::time::SECOND),
    }
}

fn session(guards: Guards) -> Session {
    Session {
        tenant: "t".into(),
        tenant_id: "id".into(),
        mode: Mode::Delegated,
        principal: "p".into(),
        writer: None,
        me: Some("ana@contoso.com".into()),
        demo: false,
        read_only: None,
        guards: Arc::new(guards),
    }
}

fn draft(n: usize) -> Draft {
    let target = |n: usize| Target {
        key: Key::new(Kind::User, format!("0000-{n:06}").as_str()),
        name: format!("Person {n}").as_str().into(),
        handle: format!("person.{n:03}@contoso.com").as_str().into(),
        seen: Vec::new(),
    };
    Draft {
        verb: &DISABLE,
        args: Args::default(),
        targets: (0..n).map(target).collect(),
        consequences: Vec::new(),
        words: Vec::new(),
        recent: 0,
        tail: None,
        read_at: Some(Ticks(0)),
        undoes: Vec::new(),
    }
}

fn open(draft: Draft) -> Prompt {
    Prompt::open(draft, &session(Guards::default()), now(0), true).unwrap()
}

fn press(prompt: &mut Prompt, text: &str, at: u64) -> Vec<Took> {
    let key = |c| KeyPress {
        key: KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE),
        in_read: 1,
    };
    text.chars()
        .map(|c| prompt.key(key(c), now(at).mono))
        .collect()
}

#[test]
fn a_tail_tells_one_from_all_others_or_the_id_does() {
    let of = |handle: &str, others: Option<&[&str]>| {
        let others = others.map(|o| o.iter().copied());
        tail(&handle.into(), &"aaaa-bbbb-123456".into(), others)
    };
    let name = |text: &str| Challenge::Tail {
        text: text.into(),
        of_id: false,
    };
    let id = Challenge::Tail {
        text: "123456".into(),
        of_id: true,
    };
    assert_eq!(
        of("web-01.contoso.com", Some(&["db-02", "x"])),
        name("b-01")
    );
    assert_eq!(
        of("srv-web-01", Some(&["srv-db-01.contoso.com"])),
        name("eb-01")
    );
    assert_eq!(of("srv-aweb-01", Some(&["srv-bweb-01"])), name("aweb-01"));
    assert_eq!(of("ana.lopez@contoso.com", Some(&[])), name("opez"));
    // it shares more than eight letters with another
    assert_eq!(of("a-long-name-01", Some(&["b-long-name-01"])), id);
    // a name within another's end, a short one, another script, and a list that is not all here
    assert_eq!(of("web01", Some(&["xweb01"])), id);
    assert_eq!(of("ab", Some(&[])), id);
    assert_eq!(of("p\u{430}yroll", Some(&[])), id);
    assert_eq!(of("web-01", None), id);
}

#[test]
fn numbers_lists_and_consequences_raise_and_rules_refuse() {
    let tiers = [1, 5, 6].map(|n| open(draft(n)).tier());
    assert_eq!(tiers, [2, 2, 3]);
    for n in [3, 6] {
        let phrase = Challenge::Phrase(format!("disable {n}"));
        assert_eq!(*open(draft(n)).challenge(), phrase);
    }
    let recent = open(Draft {
        recent: 5,
        ..draft(1)
    });
    let full = Challenge::FullName("person.000@contoso.com".into());
    assert_eq!((recent.tier(), recent.challenge()), (3, &full));
    let with = |guards, draft| Prompt::open(draft, &session(guards), now(0), true);
    let careful = Guards {
        careful: vec!["person.0*".into()],
        ..Guards::default()
    };
    assert_eq!(with(careful, draft(1)).unwrap().tier(), 3);
    let raised = open(Draft {
        consequences: vec![(Some(0), Consequence::warn("holds a role").raises(3))],
        ..draft(1)
    });
    assert_eq!(
        (raised.tier(), raised.grace()),
        (3, Duration::from_secs(10))
    );
    let never = Guards {
        never: vec![Never {
            key: Key::new(Kind::User, "0000-000001"),
            rule: "break-glass".into(),
        }],
        ..Guards::default()
    };
    let refused = with(never, draft(2)).unwrap_err();
    assert!(refused.to_string().contains("break-glass"), "{refused}");
    let own = || Draft {
        consequences: vec![(
            Some(0),
            Consequence::grave("this is you").refuses("own account"),
        )],
        ..draft(1)
    };
    assert!(matches!(
        with(Guards::default(), own()),
        Err(Refusal::BuiltIn {
            rule: "own account",
            ..
        })
    ));
    let lifted = Guards {
        lifted: vec!["own account".into()],
        ..Guards::default()
    };
    assert!(with(lifted, own()).is_ok());
    let later = Prompt::open(draft(1), &session(Guards::default()), now(31), true);
    assert_eq!(later.unwrap_err(), Refusal::Stale);
    assert_eq!(
        with(Guards::default(), draft(451)).unwrap_err(),
        Refusal::TooMany(451, 450)
    );
}

#[test]
fn only_the_right_answer_of_somebody_who_saw_it_becomes_a_confirmation() {
    let mut prompt = open(draft(1));
    let id = Challenge::Tail {
        text: "000000".into(),
        of_id: true,
    };
    assert_eq!(*prompt.challenge(), id);
    let ahead = press(&mut prompt, "000000", 0);
    assert_eq!(ahead, [Took::Unseen; 6], "typed ahead");
    prompt.watch().flushed(7, now(1).mono);
    prompt.watch().acked(6);
    let early = press(&mut prompt, "0", 1);
    assert_eq!(early, [Took::Unseen], "an earlier frame was answered for");
    prompt.watch().acked(7);
    let enter = KeyPress {
        key: KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE),
        in_read: 1,
    };
    assert_eq!(prompt.key(enter, now(2).mono), Took::Answer);
    let (mut prompt, why) = *prompt.answer(None, now(2)).unwrap_err();
    assert_eq!(why, Wrong::Words, "Enter alone never confirms");
    let pasted = KeyPress {
        key: KeyEvent::new(KeyCode::Char('0'), KeyModifiers::NONE),
        in_read: 6,
    };
    assert_eq!(prompt.key(pasted, now(2).mono), Took::Pasted);
    press(&mut prompt, "000001", 2);
    let (mut prompt, why) = *prompt.answer(None, now(3)).unwrap_err();
    assert_eq!((why, prompt.typed()), (Wrong::Words, ""));
    press(&mut prompt, "000000", 3);
    let grace = prompt.answer(None, now(3)).unwrap();
    let Elapsed::Waiting(grace) = grace.elapse(now(5).mono) else {
        panic!("three seconds")
    };
    let Elapsed::Confirmed(confirmed) = grace.elapse(now(6).mono) else {
        panic!("they are over")
    };
    assert_eq!(confirmed.until(), now(66).mono);
    let (command, mut permits) = confirmed.permits();
    assert_eq!((command.tier, permits.len()), (2, 1));
    assert!(
        permits.remove(0).spend(now(67).mono).is_err(),
        "its minute is over"
    );
}

#[test]
fn a_late_answer_and_a_grace_slept_through_send_nothing() {
    let typed = || {
        let mut prompt = open(draft(1));
        prompt.watch().flushed(1, now(0).mono);
        prompt.watch().acked(1);
        press(&mut prompt, "000000", 1);
        prompt
    };
    assert_eq!(typed().answer(None, now(400)).unwrap_err().1, Wrong::Late);
    let grace = typed().answer(None, now(2)).unwrap();
    assert!(matches!(grace.elapse(now(70).mono), Elapsed::Late(_)));
}

#[test]
fn a_terminal_that_never_answers_is_waited_for_and_another_shape_is_another_prompt() {
    let mut prompt = Prompt::open(draft(1), &session(Guards::default()), now(0), false).unwrap();
    let ms = Duration::from_millis;
    prompt.watch().flushed(1, ms(1000));
    assert!(!prompt.is_seen(ms(1399)) && prompt.is_seen(ms(1400)));
    press(&mut prompt, "0000", 2);
    prompt.reshaped();
    assert!(!prompt.is_seen(ms(9000)) && prompt.typed().is_empty());
}

#[test]
fn a_field_that_is_only_spelled_otherwise_did_not_change() {
    let text = |t: &str| (!t.is_empty()).then(|| Text::from(t));
    for (field, was, is, alike) in [
        ("status", "active", "Active", true),
        ("status", "active", "resolved", false),
        ("determination", "notMalicious", "Clean", true),
        ("determination", "malware", "phishing", false),
        ("classification", "", "unknown", true),
        ("assignedTo", "", "unknown", false),
        ("assignedTo", "", "", true),
        ("assignedTo", "Ana@contoso.com", "ana@contoso.com", true),
        ("assignedTo", "ana@contoso.com", "", false),
    ] {
        assert_eq!(
            same(field, &text(was), &text(is)),
            alike,
            "{field} {was} {is}"
        );
    }
}
