//! HTML that others wrote, as what its reader would have seen: in Markdown, or as text without marks.
//!
//! Parsed as browsers do (html5ever), so that nothing is hidden by markup that they read differently. What can't be
//! seen, runs, or is fetched from elsewhere is left out and counted.

mod color;
mod look;
mod style;
mod tree;
mod walk;
mod writer;

use super::text_form::TextForm;
use crate::policy::LinkTreatment;

/// What was made of a document.
#[derive(Debug, Default)]
pub(super) struct ReadHtml {
    pub(super) text: String,
    /// Elements that a reader would not have seen.
    pub(super) hidden: u32,
    /// Scripts, style sheets, forms, embedded documents, and links that are programs.
    pub(super) active: u32,
    /// Images that would be fetched from elsewhere.
    pub(super) images: u32,
    /// Whether the document was too large to be read to its end.
    pub(super) truncated: bool,
}

/// Addresses are written as they are where `links` keeps or defangs them: the sanitiser that goes over the text
/// treats them all alike. Where they are stripped, only their words are written.
pub(super) fn read(html: &str, links: LinkTreatment, form: TextForm) -> ReadHtml {
    let tree = tree::parse(html);
    let mut read = walk::write(&tree, links, form);
    read.truncated = tree.is_truncated();
    read
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn markdown(html: &str) -> String {
        read(html, LinkTreatment::Defang, TextForm::Markdown).text
    }

    /// If this failed, what a document says would be lost or run together.
    #[rstest]
    #[case::paragraphs("<p>One</p><p>Two\n three</p>", "One\n\nTwo three")]
    #[case::lines("<div>One</div><div>Two<br>Three</div>", "One\nTwo\nThree")]
    #[case::headings("<h1>A</h1>b<h3>C</h3>", "# A\n\nb\n\n### C")]
    #[case::list("<ul><li>a<li>b<ol><li>c<li>d</ol></ul>", "- a\n- b\n  1. c\n  2. d")]
    #[case::numbers("<ol start=3><li>c</ol>", "3. c")]
    #[case::quote("<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n>\n> b\n\nc")]
    #[case::table(
        "<table><tr><th>A<th>B</tr><tr><td>1|2<td>3<br>4</tr></table>",
        "| A | B |\n| --- | --- |\n| 1\\|2 | 3 4 |"
    )]
    #[case::layout("<table><tr><td><p>a</p><p>b</p></td></tr></table>", "a\n\nb")]
    #[case::nested_tables("<table><tr><td>a<table><tr><td>b<td>c</table></table>", "a\nb c")]
    #[case::preformatted("<pre>a\n  b</pre>", "```\na\n  b\n```")]
    #[case::link("<a href='https://a.example/b c'>text</a>", "[text](https://a.example/b%20c)")]
    #[case::bare_link("<a href='https://a.example/'>https://a.example/</a>", "https://a.example/")]
    #[case::mail("<a href='mailto:a@b.example'>a@b.example</a>", "a@b.example")]
    #[case::image("<img alt='Logo' src='cid:1'>", "[image: Logo]")]
    #[case::entities("a&nbsp;b &lt;c&gt; &amp;", "a b <c> &")]
    #[case::mention("<p>a <at id=0>Adele</at> <emoji alt='👍'></emoji></p>", "a @Adele 👍")]
    #[case::rule("a<hr>b", "a\n\n---\n\nb")]
    fn a_document_is_written_as_it_reads(#[case] html: &str, #[case] expected: &str) {
        assert_eq!(markdown(html), expected);
    }

    /// If this failed, whoever wants no marks would get some, or lose what the marks hold together.
    #[rstest]
    #[case::headings("<h1>A</h1>b<h3>C</h3>", "A\n\nb\n\nC")]
    #[case::list("<ul><li>a<li>b<ol><li>c<li>d</ol></ul>", "- a\n- b\n  1. c\n  2. d")]
    #[case::quote("<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n>\n> b\n\nc")]
    #[case::table("<table><tr><th>A<th>B</tr><tr><td>1|2<td>3<br>4</tr></table>", "A\tB\n1|2\t3 4")]
    #[case::preformatted("x<pre>a\n  b</pre>y", "x\n\na\n  b\n\ny")]
    #[case::link("<a href='https://a.example/b c'>text</a>.", "text (https://a.example/b%20c).")]
    #[case::bare_link("<a href='https://a.example/'>https://a.example/</a>", "https://a.example/")]
    #[case::rule("a<hr>b", "a\n\nb")]
    fn a_document_is_written_without_marks(#[case] html: &str, #[case] expected: &str) {
        assert_eq!(read(html, LinkTreatment::Defang, TextForm::Text).text, expected);
    }

    /// If this failed, a document could say to the model what its reader never sees.
    #[rstest]
    #[case::display("<div style='display:none'>x</div>")]
    #[case::display_shouted("<div STYLE='Display : NONE !important'>x</div>")]
    #[case::escaped("<div style='d\\69splay:n\\6fne'>x</div>")]
    #[case::commented("<div style='dis/**/play:none;display:/**/none'>x</div>")]
    #[case::visibility("<p style='visibility:hidden'>x</p>")]
    #[case::opacity("<p style='opacity:0'>x</p>")]
    #[case::font_size("<p style='font-size:0;color:#fff'>x</p>")]
    #[case::tiny("<span style='font-size:1px'>x</span>")]
    #[case::white_on_white("<span style='color:#ffffff'>x</span>")]
    #[case::nearly_white("<span style='color:#fefefe'>x</span>")]
    #[case::white_font("<font color=white>x</font>")]
    #[case::black_on_black("<div style='background-color:#000'><span style='color:black'>x</span></div>")]
    #[case::transparent("<span style='color:transparent'>x</span>")]
    #[case::attribute("<p hidden>x</p>")]
    #[case::mso("<p style='mso-hide:all'>x</p>")]
    #[case::no_room("<div style='max-height:0;overflow:hidden'>x</div>")]
    #[case::far_away("<div style='position:absolute;left:-9999px'>x</div>")]
    #[case::indented_away("<div style='text-indent:-9999px'>x</div>")]
    #[case::class("<style>.a, .b { display : none }</style><p class='c b'>x</p>")]
    #[case::id("<style>#a{font-size:0px}</style><p id=a>x</p>")]
    #[case::inside_hidden("<div style='display:none'><p style='display:block'>x</p></div>")]
    #[case::comment("<!-- x -->")]
    #[case::script("<script>x</script>")]
    #[case::style("<style>x</style>")]
    #[case::template("<template>x</template>")]
    #[case::title("<head><title>x</title></head>")]
    #[case::frame("<iframe srcdoc='x'>x</iframe>")]
    #[case::svg("<svg><text>x</text></svg>")]
    #[case::pixel("<img src='https://a.example/p.gif?x' width=1 height=1 alt=x>")]
    fn what_a_reader_does_not_see_is_left_out(#[case] html: &str) {
        assert_eq!(
            markdown(&format!("a {html} b")).replace('\n', " ").split_whitespace().collect::<Vec<_>>(),
            ["a", "b"]
        );
    }

    /// If this failed, what people do see would be left out.
    #[rstest]
    #[case::white_on_blue("<table><tr><td style='background:#00f'><span style='color:#fff'>x</span></table>")]
    #[case::white_on_bgcolor("<table bgcolor='#003366'><tr><td><font color='#ffffff'>x</font></table>")]
    #[case::white_on_a_picture("<div style='background-image:url(a.png)'><b style='color:white'>x</b></div>")]
    #[case::black("<p style='color:black;opacity:1;font-size:11pt'>x</p>")]
    #[case::other_class("<style>.a{display:none}</style><p class=b>x</p>")]
    #[case::no_script("<noscript>x</noscript>")]
    #[case::shown_again("<p style='display:none;display:block'>x</p>")]
    fn what_a_reader_sees_is_kept(#[case] html: &str) {
        assert!(markdown(html).contains('x'), "{html}: {}", markdown(html));
    }

    /// If this failed, nobody would be told that something was taken out.
    #[test]
    fn what_is_left_out_is_counted() {
        let html = "<p hidden>x</p><script>y</script><a href='javascript:z()'>b</a><img src='https://a.example/i.png'>";
        let read = read(html, LinkTreatment::Defang, TextForm::Markdown);
        assert_eq!((read.hidden, read.active, read.images), (1, 2, 1));
        assert_eq!(read.text, "b");
    }

    /// If this failed, a hostile document could take a worker down, or hold it for long.
    #[rstest]
    #[case::deep("<div>", 200_000)]
    #[case::deep_quotes("<blockquote>a", 100_000)]
    #[case::formatting("<font color=1><b><i><p>", 20_000)]
    #[case::tables("<table><tr><td>a", 30_000)]
    #[case::lists("<ul><li>a", 30_000)]
    fn a_hostile_document_is_read_within_bounds(#[case] piece: &str, #[case] times: usize) {
        let read = read(&piece.repeat(times), LinkTreatment::Defang, TextForm::Markdown);
        assert!(read.text.len() < 4 * 1024 * 1024, "{} bytes", read.text.len());
    }

    proptest! {
        /// If this failed, some document could take the worker down.
        #[test]
        fn any_document_is_read(html in "(<(/?)(p|div|table|tr|td|b|a|ul|li|pre|h1|svg|template|select)( style='(color|display|x): ?(none|#fff|\\\\6)')?>|\\PC){0,60}") {
            drop(markdown(&html));
        }
    }
}
