//! Sizes in bytes, as people write them.

/// The bytes that a text such as "12 kB" or "3M" stands for; `None` where it is no size.
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim().trim_end_matches(|c| c == 'b' || c == 'B');
    let digits = text.chars().take_while(|c| c.is_ascii_digit()).count();
    let number: u64 = text[..digits].parse().ok()?;
    let factor = match text[digits..].trim() {
        "" => 1,
        "k" | "K" => 1_000,
        "m" | "M" => 1_000_000,
        "g" | "G" => 1_000_000_000,
        _ => return None,
    };
    Some(number.wrapping_mul(factor))
}

pub fn format_size(bytes: u64) -> String {
    if bytes >= 1_000_000_000 {
        format!("{:.1} GB", bytes as f64 / 1e9)
    } else {
        if bytes >= 1_000_000 {
            format!("{:.1} MB", bytes as f64 / 1e6)
        } else {
            if bytes >= 1_000 {
                format!("{:.1} kB", bytes as f64 / 1e3)
            } else {
                format!("{} B", bytes)
            }
        }
    }
}

/// The entries that take the most room, the largest first.
pub fn largest(entries: &[(String, u64)], count: usize) -> Vec<String> {
    let mut sorted: Vec<(String, u64)> = entries.to_vec();
    sorted.sort_by(|a, b| b.1.cmp(&a.1));
    let mut lines = Vec::new();
    for i in 0..sorted.len() {
        if i == count {
            break;
        }
        lines.push(format!("{} {}", sorted[i].0, format_size(sorted[i].1)));
    }
    lines
}
