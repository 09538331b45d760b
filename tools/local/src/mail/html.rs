//! The HTML of the page that shows the mails.

use super::{
    message::Message,
    page::{MESSAGES, PAGE},
    text::{Piece, pieces},
};

/// The style of the page.
const STYLE: &str = include_str!("page.css");

/// What precedes a mail's HTML in its frame, so that a link leaves the frame.
const FRAME: &str = "<!doctype html><base target=\"_top\">";

/// Returns the page with these mails, in their order.
pub(super) fn page(messages: &[Message]) -> String {
    let articles: String = (1..)
        .zip(messages)
        .map(|(number, message)| article(number, message))
        .collect();
    let count = match messages.len() {
        0 => "No mail was sent yet.".to_owned(),
        1 => "One mail.".to_owned(),
        count => format!("{count} mails, newest first."),
    };
    format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>Mails</title>
<style>
{STYLE}</style>
</head>
<body>
<main>
<h1>Mails</h1>
<p>{count} They reach nobody: this machine caught them. <a href=\"{PAGE}\">Load again</a>, or get them as
<a href=\"{MESSAGES}\">JSON</a>.</p>
{articles}</main>
</body>
</html>
"
    )
}

fn article(number: usize, message: &Message) -> String {
    let subject = escape(&message.subject);
    let purpose = message.purpose.iter();
    let purpose: String = purpose.map(|purpose| row("Purpose", &escape(purpose))).collect();
    let time = time(message.at);
    let rows = [
        row("To", &escape(&message.to)),
        row("From", &escape(&message.from)),
        row("Time", &format!("<time datetime=\"{time}\">{time}</time>")),
        purpose,
    ];
    let html = message.html.iter().map(|html| frame(number, html)).collect::<String>();
    let text = message.text.iter().map(|text| plain(text)).collect::<String>();
    format!(
        "<article aria-labelledby=\"mail-{number}\">
<h2 id=\"mail-{number}\">{subject}</h2>
<dl>
{}</dl>
{html}{text}</article>
",
        rows.concat()
    )
}

fn row(name: &str, value: &str) -> String {
    format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n")
}

/// Returns a frame with the HTML of a mail. The frame has its own origin and no scripts. Only a person who selects a
/// link can leave the page by it.
fn frame(number: usize, html: &str) -> String {
    let document = escape(&format!("{FRAME}{html}"));
    format!(
        "<iframe sandbox=\"allow-top-navigation-by-user-activation\" title=\"HTML of mail {number}\" \
         srcdoc=\"{document}\"></iframe>\n"
    )
}

fn plain(text: &str) -> String {
    let pieces = pieces(text).into_iter().map(|piece| match piece {
        Piece::Plain(plain) => escape(plain),
        Piece::Link(link) => {
            let link = escape(link);
            format!("<a href=\"{link}\">{link}</a>")
        }
    });
    format!(
        "<details open><summary>Text</summary><pre>{}</pre></details>\n",
        pieces.collect::<String>()
    )
}

/// Returns a time in milliseconds since the Unix epoch as a date in UTC.
fn time(at: u64) -> String {
    let time = i64::try_from(at)
        .ok()
        .and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    time.unwrap_or(jiff::Timestamp::MAX).to_string()
}

/// Escapes a string for the text and the attributes of HTML.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A string that would be a script if it were not escaped.
    const CANARY: &str = "\"'><script>alert(1)</script>&amp;";

    #[test]
    fn the_page_shows_every_mail() {
        let second = Message {
            subject: "Second".to_owned(),
            ..Message::example()
        };

        let page = page(&[second, Message::example()]);

        let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}"));
        assert!(place(">Second</h2>") < place(">First</h2>"), "{page}");
        for shown in [
            "2 mails, newest first.",
            "<dd>ada@example.com</dd>",
            "<dd>login@localhost</dd>",
            "<dd>register</dd>",
            ">2023-11-14T22:13:20Z</time>",
            "<a href=\"http://localhost:3000/r?token=a&amp;b\">http://localhost:3000/r?token=a&amp;b</a>.",
        ] {
            place(shown);
        }
    }

    #[test]
    fn an_empty_mailbox_has_a_page() {
        assert!(page(&[]).contains("No mail was sent yet."));
    }

    #[test]
    fn nothing_in_a_mail_becomes_a_part_of_the_page() {
        let canary = || CANARY.to_owned();
        let mail = Message {
            id: canary(),
            to: canary(),
            from: canary(),
            subject: canary(),
            text: Some(format!("{CANARY} http://a.example/{CANARY}")),
            html: Some(canary()),
            purpose: Some(canary()),
            at: u64::MAX,
        };

        let page = page(&[mail]);

        assert!(!page.contains("<script"), "{page}");
        assert_eq!(page.matches("&lt;script&gt;").count(), 7, "{page}");
        assert!(!page.contains("srcdoc=\"<"), "{page}");
    }

    #[test]
    fn the_html_of_a_mail_is_in_a_frame_without_scripts() {
        let page = page(&[Message::example()]);

        let frame = page.split_once("<iframe ").unwrap().1.split_once('>').unwrap().0;
        assert!(
            frame.contains("sandbox=\"allow-top-navigation-by-user-activation\""),
            "{frame}"
        );
        assert!(
            frame.contains("srcdoc=\"&lt;!doctype html&gt;&lt;base target=&quot;_top&quot;&gt;&lt;p&gt;Html\""),
            "{frame}"
        );
    }
}
