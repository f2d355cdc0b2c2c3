//! The little of XML that S3's answers need: texts of elements, in their order.

/// The texts of all elements of a name that have no elements within.
pub(super) fn texts(body: &str, name: &str) -> Vec<String> {
    let (opens, closes) = (format!("<{name}>"), format!("</{name}>"));
    let texts = body.split(&opens).skip(1).filter_map(|rest| rest.split_once(&closes));
    texts.map(|(text, _)| read(text)).collect()
}

fn read(text: &str) -> String {
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#34;", "\""), ("&amp;", "&")];
    signs.into_iter().fold(text.to_owned(), |text, (written, sign)| text.replace(written, sign))
}

/// A text as it stands in an element.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_in_their_order_and_read_back_as_they_were() {
        let text = "a<b>&\"c\" &lt;";
        let body = format!("<L><K>{}</K><N>1</N><K>2</K></L>", escaped(text));
        assert_eq!(texts(&body, "K"), [text, "2"]);
        assert_eq!(texts(&body, "Nothing"), [""; 0]);
        assert_eq!(texts("<K>never closed", "K"), [""; 0]);
    }
}
