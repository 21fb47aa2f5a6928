"""Which element holds which field of a value: one table for the reader and the writer.

The order of a table is the order in which the writer writes where no SDK has an order of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Fields = Mapping[str, str]  #: local name of the element → name of the field

ORGANIZATION: Final[Fields] = {
    "OrganId": "organ_id",
    "OrganizationInCharge": "organization_in_charge",
    "OrganName": "organ_name",
    "OrganAdd": "organ_add",
    "Email": "email",
    "Telephone": "telephone",
    "Fax": "fax",
    "Website": "website",
}
CODE: Final[Fields] = {"CodeNumber": "number", "CodeNotation": "notation"}
PROMULGATION_INFO: Final[Fields] = {"Place": "place", "PromulgationDate": "promulgation_date"}
DOCUMENT_TYPE: Final[Fields] = {
    "Type": "type",
    "TypeDetail": "type_detail",
    "TypeName": "type_name",
}
SIGNER_INFO: Final[Fields] = {
    "Competence": "competence",
    "Position": "position",
    "FullName": "full_name",
}
OTHER_INFO: Final[Fields] = {
    "Priority": "priority",
    "SphereOfPromulgation": "sphere_of_promulgation",
    "TyperNotation": "typer_notation",
    "PromulgationAmount": "promulgation_amount",
    "PageAmount": "page_amount",
    "Direction": "direction",
    "ReplyFors": "reply_fors",
    "ReferenceCodes": "reference_codes",
}
RESPONSE_FOR: Final[Fields] = {
    "OrganId": "organ_id",
    "Code": "code",
    "PromulgationDate": "promulgation_date",
    "DocumentId": "document_id",
}
STAFF_INFO: Final[Fields] = {
    "Department": "department",
    "DepartmentId": "department_id",
    "Staff": "staff",
    "StaffId": "staff_id",
    "Mobile": "mobile",
    "Email": "email",
}
TRACE_HEADER: Final[Fields] = {"OrganId": "organ_id", "Timestamp": "timestamp"}
BUSINESS: Final[Fields] = {
    "BussinessDocType": "doc_type",
    "BussinessDocReason": "reason",
    "DocumentId": "document_id",
    "Paper": "paper",
}
DOCUMENT_INFO: Final[Fields] = {
    "DocumentInfo": "document_info",
    "DocumentReceiver": "document_receiver",
}
RECEIVER: Final[Fields] = {"OrganId": "organ_id", "ReceiverType": "receiver_type"}
REFERENCE: Final[Fields] = {
    "ContentId": "content_id",
    "ContentType": "content_type",
    "Description": "description",
    "AttachmentName": "attachment_name",
}
ATTACHMENT: Final[Fields] = {
    "ContentId": "content_id",
    "AttachmentName": "attachment_name",
    "Description": "description",
    "ContentType": "content_type",
}
