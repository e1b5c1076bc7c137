use std::io::{BufRead, Write};
fn main() {
    let stdin = std::io::stdin();
    let mut out = std::io::stdout().lock();
    for line in stdin.lock().lines() {
        let line = line.unwrap();
        let v: serde_json::Value = serde_json::from_str(&line).unwrap();
        let text = v["text"].as_str().unwrap();
        let p = kql::syntax::parse(text);
        let u = |b: u32| text[..b as usize].encode_utf16().count();
        let d: Vec<_> = p
            .diags
            .iter()
            .map(|d| serde_json::json!([d.code_text(), u(d.start), u(d.end) - u(d.start)]))
            .collect();
        writeln!(out, "{}", serde_json::json!({"id": v["id"], "d": d})).unwrap();
    }
}
