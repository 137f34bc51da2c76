//! Text in lines of a limited width.

/// The words of a text in lines of at most `width` characters; a longer word has a line of its own.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > width {
            lines.push(line);
            line = String::new();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

pub struct Margin {
    pub left: usize,
    pub mark: String,
}

impl Margin {
    pub fn apply(&self, lines: &[String]) -> String {
        let mut text = String::new();
        for (i, line) in lines.iter().enumerate() {
            if i > 0 {
                text.push('\n');
            }
            for _ in 0..self.left {
                text.push(' ');
            }
            text.push_str(&self.mark);
            text.push_str(line);
        }
        text
    }
}
