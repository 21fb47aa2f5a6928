"""Exclusive C14N of a tree without its signature (XML Signature §6.6.4).

The enveloped-signature transform takes one element out of what is digested. Here it is cut out of
the canonical bytes instead of the tree: exclusive C14N without a prefix list writes a namespace
declaration only where it is used, so an element that is left out changes nothing outside itself;
and in canonical bytes ``<`` is the start of a tag and nothing else, so the cut cannot be fooled by
text. The tree is never touched, and nothing is copied.
"""

from __future__ import annotations

from lxml import etree

from axis.trust.errors import MoreThanOneSignatureError


def canonical(element: etree._Element) -> bytes:
    """Return the exclusive canonical form of an element, without comments."""
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def without_signature(
    element: etree._Element, signature: etree._Element
) -> tuple[memoryview, memoryview]:
    """Return what stands before and after the signature in the canonical form of ``element``.

    ``signature`` is a descendant of ``element`` and the only one of its namespace and local name.

    Raises:
        MoreThanOneSignatureError: another element would be written with the same name.
    """
    name = etree.QName(signature).localname
    alike = sum(each.prefix == signature.prefix for each in element.iter(f"{{*}}{name}"))
    if alike != 1:
        raise MoreThanOneSignatureError(got=alike - 1)
    tag = (f"{signature.prefix}:{name}" if signature.prefix else name).encode()
    whole = canonical(element)
    # The declaration of its namespace follows the name, unless an ancestor uses that namespace.
    start = whole.find(b"<" + tag + b" ")
    if start < 0:
        start = whole.index(b"<" + tag + b">")
    close = b"</" + tag + b">"
    end = whole.index(close, start) + len(close)
    return memoryview(whole)[:start], memoryview(whole)[end:]
