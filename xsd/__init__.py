"""The authored schemas, as package data: ``edxml/1.0`` holds the gate for QCVN 102:2016."""
