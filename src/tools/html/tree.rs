//! The parsed document: nodes in one list, so that no depth of nesting costs any stack.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{Attribute, LocalName, Namespace, ParseOpts, QualName, parse_document};

use crate::tools::character_boundary::character_boundary;

/// More nodes than any real mail or page has; what comes after them is left out.
const MOST_NODES: usize = 50_000;
/// In bytes: how much is parsed before nodes are counted again. Markup can make far more nodes than it has tags.
const PIECE: usize = 1024;
/// Elements within each other; browsers stop at about as many. The parser looks through all that are open for nearly
/// every tag, so that without a bound some hundred kilobytes would keep it busy for minutes.
const DEEPEST: usize = 512;

/// A node's place in the list.
pub(super) type NodeId = usize;

const DOCUMENT: NodeId = 0;

#[derive(Debug)]
pub(super) enum Content {
    /// The document, a comment, or what else is neither element nor text.
    Nothing,
    Element {
        name: QualName,
        attributes: Vec<Attribute>,
    },
    Text(String),
}

#[derive(Debug)]
struct Node {
    parent: Option<NodeId>,
    depth: usize,
    children: Vec<NodeId>,
    content: Content,
}

/// A whole document.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    truncated: bool,
}

impl Tree {
    pub(super) const ROOT: NodeId = DOCUMENT;

    pub(super) fn children(&self, node: NodeId) -> &[NodeId] {
        &self.nodes[node].children
    }

    pub(super) fn content(&self, node: NodeId) -> &Content {
        &self.nodes[node].content
    }

    /// The name of an element.
    pub(super) fn tag(&self, node: NodeId) -> Option<&str> {
        match self.content(node) {
            Content::Element { name, .. } => Some(&name.local),
            Content::Nothing | Content::Text(_) => None,
        }
    }

    pub(super) fn attribute(&self, node: NodeId, wanted: &str) -> Option<&str> {
        let Content::Element { attributes, .. } = self.content(node) else { return None };
        attributes
            .iter()
            .find(|attribute| &*attribute.name.local == wanted)
            .map(|attribute| &*attribute.value)
    }

    pub(super) fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// All below `node`, in the order in which they stand.
    pub(super) fn below(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut ahead: Vec<NodeId> = self.children(node).iter().rev().copied().collect();
        std::iter::from_fn(move || {
            let next = ahead.pop()?;
            ahead.extend(self.children(next).iter().rev());
            Some(next)
        })
    }
}

/// Reads `html` as a mail client would: without scripts.
pub(super) fn parse(html: &str) -> Tree {
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let options = ParseOpts { tree_builder, ..ParseOpts::default() };
    let sink = Sink { nodes: RefCell::new(vec![Node::new(Content::Nothing)]), overflown: Cell::new(false) };
    let mut parser = parse_document(sink, options);
    let mut rest = html;
    while !rest.is_empty() && !parser.tokenizer.sink.sink.overflown.get() {
        let (piece, after) = rest.split_at(character_boundary(rest, PIECE));
        parser.process(StrTendril::from(piece));
        rest = after;
    }
    let truncated = !rest.is_empty();
    let mut tree = parser.finish();
    tree.truncated |= truncated;
    tree
}

impl Node {
    fn new(content: Content) -> Self {
        Self { parent: None, depth: 0, children: Vec::new(), content }
    }
}

/// Where the parser puts what it finds.
struct Sink {
    nodes: RefCell<Vec<Node>>,
    overflown: Cell<bool>,
}

/// The name of an element, with an owner of its own: the list may move while the parser looks at it.
#[derive(Debug)]
struct OwnedName(QualName);

impl html5ever::interface::ElemName for OwnedName {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl Sink {
    fn add(&self, content: Content) -> NodeId {
        let mut nodes = self.nodes.borrow_mut();
        if nodes.len() >= MOST_NODES {
            self.overflown.set(true);
        }
        nodes.push(Node::new(content));
        nodes.len() - 1
    }

    /// A node for `child`, or none where it was text that has joined `before`.
    fn node_of(&self, child: NodeOrText<NodeId>, before: Option<NodeId>) -> Option<NodeId> {
        let text = match child {
            NodeOrText::AppendNode(node) => return Some(node),
            NodeOrText::AppendText(text) => text,
        };
        if let Some(before) = before
            && let Content::Text(known) = &mut self.nodes.borrow_mut()[before].content
        {
            known.push_str(&text);
            return None;
        }
        Some(self.add(Content::Text(text.to_string())))
    }

    fn place(&self, parent: NodeId, at: Option<usize>, node: NodeId) {
        self.detach(node);
        let mut nodes = self.nodes.borrow_mut();
        nodes[node].parent = Some(parent);
        nodes[node].depth = nodes[parent].depth + 1;
        if nodes[node].depth > DEEPEST {
            self.overflown.set(true);
        }
        let children = &mut nodes[parent].children;
        let at = at.unwrap_or(children.len()).min(children.len());
        children.insert(at, node);
    }

    fn detach(&self, node: NodeId) {
        let mut nodes = self.nodes.borrow_mut();
        let Some(parent) = nodes[node].parent.take() else { return };
        // What moves has come last, nearly always.
        if let Some(at) = nodes[parent].children.iter().rposition(|child| *child == node) {
            nodes[parent].children.remove(at);
        }
    }
}

impl TreeSink for Sink {
    type Handle = NodeId;
    type Output = Tree;
    type ElemName<'a> = OwnedName;

    fn finish(self) -> Tree {
        Tree { nodes: self.nodes.into_inner(), truncated: self.overflown.get() }
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        DOCUMENT
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> OwnedName {
        match &self.nodes.borrow()[*target].content {
            Content::Element { name, .. } => OwnedName(name.clone()),
            Content::Nothing | Content::Text(_) => {
                OwnedName(QualName::new(None, Namespace::default(), LocalName::default()))
            }
        }
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> NodeId {
        self.add(Content::Element { name, attributes })
    }

    fn create_comment(&self, _: StrTendril) -> NodeId {
        self.add(Content::Nothing)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> NodeId {
        self.add(Content::Nothing)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        let last = self.nodes.borrow()[*parent].children.last().copied();
        if let Some(node) = self.node_of(child, last) {
            self.place(*parent, None, node);
        }
    }

    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        if self.nodes.borrow()[*element].parent.is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// The contents of a template stand below it: nobody reads them.
    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        *target
    }

    fn same_node(&self, left: &NodeId, right: &NodeId) -> bool {
        left == right
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        let (parent, before) = {
            let nodes = self.nodes.borrow();
            let Some(parent) = nodes[*sibling].parent else { return };
            let children = &nodes[parent].children;
            let at = children.iter().rposition(|child| child == sibling).unwrap_or(children.len());
            (parent, at.checked_sub(1).map(|before| children[before]))
        };
        let Some(node) = self.node_of(child, before) else { return };
        self.detach(node);
        let at = self.nodes.borrow()[parent].children.iter().rposition(|child| child == sibling);
        self.place(parent, at, node);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, more: Vec<Attribute>) {
        if let Content::Element { attributes, .. } = &mut self.nodes.borrow_mut()[*target].content {
            for attribute in more {
                if !attributes.iter().any(|known| known.name == attribute.name) {
                    attributes.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let children = std::mem::take(&mut self.nodes.borrow_mut()[*node].children);
        let mut nodes = self.nodes.borrow_mut();
        for child in &children {
            nodes[*child].parent = Some(*new_parent);
        }
        nodes[*new_parent].children.extend(children);
    }
}
