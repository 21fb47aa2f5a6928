"""What the courtroom package says about itself, in Vietnamese and English."""

from __future__ import annotations

from typing import Final

README: Final = """\
GÓI CHỨNG CỨ VỀ VĂN BẢN {document}
lập lúc {at}

Tệp này chứa mọi thứ cần để kiểm tra, không cần tin vào trục liên thông hay người vận hành:
  packages/     gói tin nguyên vẹn từng byte, có chữ ký số của cơ quan gửi
  attachments/  tệp đính kèm gửi riêng (index.json liệt kê; tệp lớn kèm ngoài, đối chiếu mã băm)
  evidence/     mỗi bước là một mục sổ cái (.json) và bằng chứng (.tlog-proof)
  timestamps/   bản chốt của sổ cái và dấu thời gian RFC 3161
  trust/        khóa kiểm tra của sổ cái, bên chứng kiến, chứng thư số, danh sách thu hồi
  META-INF/     chữ ký niêm phong XAdES trên toàn bộ các tệp
Cách kiểm tra:
  1. Chữ ký niêm phong: dùng bất kỳ phần mềm đọc ASiC-E/XAdES nào.
  2. Từng bằng chứng: python3 verify_receipt.py trust/axis.vkey evidence/TỆP.tlog-proof [GÓI]
     (khóa trong trust/ phải đúng với khóa đã công bố chính thức).
  3. Thời gian: openssl ts -verify -data timestamps/X.checkpoint -in timestamps/X.tsr -CAfile GỐC
  4. Tất cả: axis evidence verify TỆP --key KHÓA

EVIDENCE ABOUT THE DOCUMENT {document}
made at {at}

This file has all that is needed to check it, without believing the axis or its operators:
  packages/     the packages to the byte, signed by the sending office
  attachments/  attachments that came apart (index.json lists them; large ones are given beside)
  evidence/     for each step its ledger entry (.json) and its proof (.tlog-proof)
  timestamps/   checkpoints of the ledger and their RFC 3161 time stamps
  trust/        verifier keys of the ledger and of witnesses, certificates, revocation lists
  META-INF/     the seal: a XAdES signature over every file
How to check it:
  1. The seal: with any program that reads ASiC-E and XAdES.
  2. Each proof: python3 verify_receipt.py trust/axis.vkey evidence/FILE.tlog-proof [PACKAGE]
     (the key in trust/ must be the one that was officially published).
  3. The time: openssl ts -verify -data timestamps/X.checkpoint -in timestamps/X.tsr -CAfile ROOTS
  4. Everything: axis evidence verify FILE --key KEY
"""
