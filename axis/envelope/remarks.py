"""What is legal and known to break others, as values with texts in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from axis.envelope.shown import shown
from axis.envelope.tree import place_of
from axis.errors import Fact, Lang, Place

#: Zero-width and soft characters, direction marks, embeddings, overrides, isolates.
INVISIBLE: Final = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A warning; the package passes all the same."""

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    place: Place | None = None

    def text(self, lang: Lang = "en") -> str:
        """Return the sentence for people."""
        english, vietnamese = REMARKS[self.code]
        return (vietnamese if lang == "vi" else english).format_map(self.facts)


def remark(code: str, at: etree._Element | None, **facts: Fact) -> Remark:
    """Make a remark about an element."""
    told = {name: shown(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
    return Remark(code=code, facts=told, place=None if at is None else place_of(at))


#: Every remark in English and Vietnamese; ``{got}`` is what the package says.
REMARKS: Final[Mapping[str, tuple[str, str]]] = {
    "lint.attachment-apart": (
        "attachment {got} is in the manifest and not in the package: it must travel apart",
        "tệp {got} có trong manifest nhưng không nằm trong gói: phải gửi riêng",
    ),
    "lint.attachment-empty": (
        "attachment {got} has no bytes",
        "tệp đính kèm {got} không có nội dung",
    ),
    "lint.attachment-zipped": (
        "attachment {got} is wrapped in a ZIP against its name; receivers may store it broken",
        "tệp {got} được bọc trong ZIP dù tên thuộc loại khác; nơi nhận có thể lưu tệp hỏng",
    ),
    "lint.base64-line-breaks": (
        "the Base64 text has line breaks or spaces; some decoders refuse them",
        "chuỗi Base64 có xuống dòng hoặc khoảng trắng; một số bộ giải mã không nhận",
    ),
    "lint.business-missing": (
        "there is no Bussiness element; the package is read as a new document",
        "không có phần tử Bussiness; gói tin được hiểu là văn bản mới",
    ),
    "lint.business-extra": (
        "{got} stands in a package of another BussinessDocType and has no effect",
        "{got} nằm trong gói có BussinessDocType khác nên không có tác dụng",
    ),
    "lint.byte-order-mark": (
        "the package begins with a byte order mark; some parsers stumble over it",
        "gói tin bắt đầu bằng BOM; một số bộ phân tích sẽ lỗi",
    ),
    "lint.cdata": (
        "the package uses CDATA; canonicalisation turns it into text",
        "gói tin dùng CDATA; khi chuẩn hóa sẽ thành văn bản thường",
    ),
    "lint.content-id-mixed": (
        "ContentId {got} is written with cid: in one place and without it in the other",
        "ContentId {got} có cid: ở một nơi và không có ở nơi kia",
    ),
    "lint.content-type": (
        "the declared type {got} is not what the attachment's first bytes say ({expected})",
        "kiểu khai báo {got} không khớp với các byte đầu của tệp ({expected})",
    ),
    "lint.date-form": (
        "the date {got} has another form than {expected}",
        "ngày {got} không theo dạng {expected}",
    ),
    "lint.date-impossible": (
        "no calendar has the date {got}; it is kept as written and nothing is computed from it",
        "không có ngày {got} trong lịch; giữ nguyên như đã ghi và không dùng để tính toán",
    ),
    "lint.document-id-differs": (
        "the DocumentId says {got} and the header says {expected}",
        "DocumentId ghi {got} nhưng phần tiêu đề ghi {expected}",
    ),
    "lint.document-id-form": (
        "the DocumentId {got} has not the form OrganId,yyyy/MM/dd,Number/Notation",
        "DocumentId {got} không theo dạng OrganId,yyyy/MM/dd,Số/Ký hiệu",
    ),
    "lint.due-before-issue": (
        "the document is due on {got}, before it was issued ({expected})",
        "hạn trả lời {got} sớm hơn ngày ban hành ({expected})",
    ),
    "lint.name-invisible": (
        "the name {got} holds characters that cannot be seen",
        "tên {got} có ký tự không nhìn thấy",
    ),
    "lint.name-not-nfc": (
        "the name {got} is not in Unicode form NFC; two systems may not find it equal",
        "tên {got} không ở dạng Unicode NFC; hai hệ thống có thể coi là khác nhau",
    ),
    "lint.name-slash": (
        "the name {got} holds a slash; systems that use it as a path fail",
        "tên {got} có dấu gạch chéo; hệ thống dùng làm đường dẫn sẽ lỗi",
    ),
    "lint.name-unlisted": (
        "the manifest does not name attachment {got}; a manifest signature leaves its name out",
        "manifest không nêu tên tệp {got}; chữ ký theo manifest sẽ không bao gồm tên",
    ),
    "lint.organ-id-form": (
        "the code {got} has neither the form of QCVN 102:2016 nor that of QĐ 20/2020",
        "mã {got} không theo dạng QCVN 102:2016 hay QĐ 20/2020",
    ),
    "lint.organ-id-null": (
        "the code reads {got}: a program wrote an empty variable; the directory will not know it",
        "mã ghi là {got}: chương trình đã ghi biến rỗng; danh mục sẽ không có mã này",
    ),
    "lint.organ-name-missing": (
        "the name of {got} is absent; clerks see the code only",
        "thiếu tên của {got}; văn thư chỉ thấy mã",
    ),
    "lint.reason-missing": (
        "{got} gives no reason",
        "{got} không nêu lý do",
    ),
    "lint.recipient-repeated": (
        "{got} is addressed more than once; it receives the package once",
        "{got} được ghi nhiều lần trong nơi nhận; chỉ nhận gói tin một lần",
    ),
    "lint.response-for-empty": (
        "ResponseFor is empty; some systems look for the document that it should name",
        "ResponseFor rỗng; một số hệ thống sẽ tìm văn bản mà phần này cần nêu",
    ),
    "lint.signature-missing": (
        "the package is not signed; systems under the strict policy refuse it",
        "gói tin chưa ký; hệ thống theo chính sách nghiêm ngặt sẽ từ chối",
    ),
    "lint.signature-placeholder": (
        "the Signature is not in the XML-DSig namespace and counts as none",
        "Signature không thuộc không gian tên XML-DSig nên coi như chưa ký",
    ),
    "lint.signature-weak": (
        "the signature uses {got}; only systems under a dated legacy policy accept it",
        "chữ ký dùng {got}; chỉ được chấp nhận theo chính sách tạm thời",
    ),
    "lint.size": (
        "the package has {got} bytes; several eOffice systems stop at {expected}",
        "gói tin có {got} byte; nhiều hệ thống eOffice chỉ nhận tới {expected}",
    ),
    "lint.steering-type": (
        "SteeringType {got} is read differently by different systems",
        "SteeringType {got} được các hệ thống hiểu khác nhau",
    ),
    "lint.text-invisible": (
        "the text holds invisible or direction-changing characters: {got}",
        "văn bản có ký tự ẩn hoặc đổi hướng chữ: {got}",
    ),
    "lint.text-not-nfc": (
        "the text is not in Unicode form NFC; searches may miss it",
        "văn bản không ở dạng Unicode NFC; tìm kiếm có thể bỏ sót",
    ),
    "lint.trace-missing": (
        "there is no TraceHeader; some receivers take the sending time from it",
        "không có TraceHeader; một số hệ thống lấy thời điểm gửi từ đây",
    ),
    "lint.trace-organ-missing": (
        "a TraceHeader has no OrganId",
        "một TraceHeader không có OrganId",
    ),
}
