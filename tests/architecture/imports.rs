//! What a file names: every path in it, made absolute where it starts with `crate`, `self` or `super`.

use std::fmt;
use std::fs;
use std::path::{Component, Path};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ItemMod, ItemUse, Macro, UseTree};

/// An absolute path as the code names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import(Vec<String>);

impl Import {
    pub(crate) fn root(&self) -> &str {
        &self.0[0]
    }

    pub(crate) fn segment(&self, index: usize) -> Option<&str> {
        self.0.get(index).map(String::as_str)
    }

    /// Whether the path begins with the segments of `prefix`.
    pub(crate) fn starts_with(&self, prefix: &str) -> bool {
        let mut segments = self.0.iter();
        prefix.split("::").all(|wanted| segments.next().is_some_and(|segment| segment == wanted))
    }
}

impl fmt::Display for Import {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join("::"))
    }
}

/// Everything that the file at `path` names.
pub(crate) fn imports_of(path: &Path) -> Vec<Import> {
    let source = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let module = module_of(path);
    imports_in(&source, &module.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Everything that `source` names, as a file of the module `module` (its first segment is `crate`).
pub(crate) fn imports_in(source: &str, module: &[&str]) -> Vec<Import> {
    let file = syn::parse_file(source).expect("the file compiles, so it parses");
    let module = module.iter().map(ToString::to_string).collect();
    let mut collector = Collector { module, imports: Vec::new() };
    collector.visit_file(&file);
    collector.imports
}

/// `src/http/auth.rs` is `crate::http::auth`; `src/http/mod.rs` is `crate::http`.
fn module_of(path: &Path) -> Vec<String> {
    let parts: Vec<String> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect();
    let below_src = parts.iter().position(|part| part == "src").map_or(0, |index| index + 1);
    let mut module = vec!["crate".to_owned()];
    for part in &parts[below_src..] {
        match part.strip_suffix(".rs") {
            Some("mod" | "lib" | "main") => {}
            Some(name) => module.push(name.to_owned()),
            None => module.push(part.clone()),
        }
    }
    module
}

struct Collector {
    module: Vec<String>,
    imports: Vec<Import>,
}

impl Collector {
    fn add(&mut self, segments: &[String]) {
        if let Some(absolute) = self.absolute(segments) {
            self.imports.push(Import(absolute));
        }
    }

    fn absolute(&self, segments: &[String]) -> Option<Vec<String>> {
        let first = segments.first()?;
        if first != "self" && first != "super" {
            return Some(segments.to_vec());
        }
        let ups = segments.iter().filter(|segment| *segment == "super").count();
        let base = self.module.len().checked_sub(ups)?;
        let rest = segments.iter().skip_while(|segment| *segment == "super" || *segment == "self");
        Some(self.module[..base].iter().chain(rest).cloned().collect())
    }

    fn add_tree(&mut self, prefix: &[String], tree: &UseTree) {
        let with = |name: String| prefix.iter().cloned().chain([name]).collect::<Vec<_>>();
        match tree {
            UseTree::Path(path) => self.add_tree(&with(path.ident.to_string()), &path.tree),
            UseTree::Name(name) if name.ident == "self" => self.add(prefix),
            UseTree::Name(name) => self.add(&with(name.ident.to_string())),
            UseTree::Rename(rename) if rename.ident == "self" => self.add(prefix),
            UseTree::Rename(rename) => self.add(&with(rename.ident.to_string())),
            UseTree::Glob(_) => self.add(prefix),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.add_tree(prefix, item)),
        }
    }

    /// Paths inside a macro call, which is not parsed as code.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) if path.is_empty() || colons == 2 => {
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() && colons < 2 => {
                    colons += 1;
                }
                other => {
                    self.add(&std::mem::take(&mut path));
                    colons = 0;
                    match other {
                        TokenTree::Ident(name) => path.push(name.to_string()),
                        TokenTree::Group(group) => self.add_tokens(group.stream()),
                        TokenTree::Punct(_) | TokenTree::Literal(_) => {}
                    }
                }
            }
        }
        self.add(&path);
    }
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add_tree(&[], &item.tree);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.add(&segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.add_tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}
