//! HTML by hand: one frame, and the escaping of everything that comes from outside.

const STYLE: &str = "
:root{color-scheme:light dark;--card:#fff;--ground:#eef1f6;--text:#1b1b1b;--soft:#5d6470;--line:#d9dde4;--blue:#0f5fc2}
@media (prefers-color-scheme:dark){:root{--card:#20242b;--ground:#14171c;--text:#eceef2;--soft:#a2a9b5;--line:#363c47;--blue:#6aa8f7}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);
color:var(--text);font:15px/1.5 'Segoe UI',system-ui,sans-serif}
main{width:min(27rem,94vw);margin:2rem 0;padding:2.4rem;background:var(--card);border-radius:10px;
box-shadow:0 2px 14px rgb(0 0 0/.16)}
header,footer,small,.who,h2{color:var(--soft)}footer{margin-top:1.6rem;font-size:12px}
h1{font-size:1.45rem;margin:.6rem 0;font-weight:600}h2{font-size:.8rem;margin:1.2rem 0 .3rem;font-weight:600}
form{display:contents}button{font:inherit;color:inherit;cursor:pointer}
.account{display:flex;gap:.8rem;align-items:center;width:100%;padding:.55rem;border:0;border-radius:7px;background:none;text-align:left}
.account:hover,.account:focus-visible{background:var(--ground)}.account small{display:block}
.account i{display:grid;place-items:center;width:2.5rem;height:2.5rem;border-radius:50%;background:var(--blue);color:#fff;
font-style:normal;font-size:.85rem}
.row{display:flex;justify-content:flex-end;gap:.6rem;margin-top:1.2rem}
.plain,.primary{padding:.45rem 1.3rem;border:1px solid var(--line);border-radius:5px;background:none}
.primary{background:var(--blue);border-color:var(--blue);color:#fff}.error{overflow-wrap:anywhere}
";

/// The whole document. `content` is HTML; every foreign part of it has gone through [`escape`].
pub(crate) fn page(title: &str, content: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width,initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><main><header>Microsoft 365 (simulated)</header>{content}\
         <footer>This is a simulator. Nobody is asked for a password here.</footer></main></body></html>"
    )
}

pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

pub(crate) fn hidden(name: &str, value: &str) -> String {
    format!("<input type=hidden name=\"{}\" value=\"{}\">", escape(name), escape(value))
}

pub(crate) fn initials(given_name: &str, surname: &str) -> String {
    given_name.chars().take(1).chain(surname.chars().take(1)).collect()
}
