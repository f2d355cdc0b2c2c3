//! Cells of files with a line each, made so that no spreadsheet takes one for a formula.

/// With what a spreadsheet begins to calculate (OWASP: CSV injection).
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A text that somebody else wrote, as no formula: a spreadsheet hides the sign in front of it.
pub fn as_text(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// The text of a cell that was written so.
pub fn without_sign(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA)).unwrap_or(cell)
}

/// A line of cells, quoted where a cell would end too early (RFC 4180).
pub fn line(cells: &[String]) -> String {
    let quoted: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", quoted.join(","))
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_calculated_is_text_and_reads_back_as_it_was() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            let cell = as_text(text);
            assert_eq!((cell.as_str(), without_sign(&cell)), (format!("'{text}").as_str(), text));
        }
        for text in ["Acme", "'s Gravenmade", "", "1-1", " =1"] {
            assert_eq!((as_text(text).as_str(), without_sign(text)), (text, text));
        }
    }

    #[test]
    fn a_cell_with_a_separator_a_quote_or_a_break_is_quoted() {
        let cells = ["a", "b,c", "say \"x\"", "two\nlines", ""].map(str::to_owned);
        assert_eq!(line(&cells), "a,\"b,c\",\"say \"\"x\"\"\",\"two\nlines\",\r\n");
    }
}
