"""Permissions say which buttons they allow, in the words of the buttons."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("aftersales", "0010_fewer_indexes"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="case",
            options={
                "permissions": [
                    ("approve_case", "Can act on a case: Approve"),
                    ("reject_case", "Can act on a case: Reject"),
                    ("change_amount_case", "Can act on a case: Change amount"),
                    ("fill_shipment_case", "Can act on a case: Fill in shipment"),
                    ("confirm_receipt_case", "Can act on a case: Confirm receipt"),
                    ("partial_receipt_case", "Can act on a case: Accept a part"),
                    ("reject_receipt_case", "Can act on a case: Reject the goods"),
                    ("settle_refund_case", "Can act on a case: Send the refund, Refund was paid, Refund failed"),
                    ("ship_replacement_case", "Can act on a case: Ship replacement"),
                    ("replacement_received_case", "Can act on a case: Replacement arrived"),
                    ("amend_case", "Can act on a case: Amend, Submit again"),
                    ("cancel_case", "Can act on a case: Close the case"),
                    ("escalate_case", "Can act on a case: Escalate"),
                    (
                        "resolve_case",
                        "Can act on a case: Resolve: go on, Resolve: approve, Resolve: reject, Resolve: close",
                    ),
                    ("remark_case", "Can act on a case: Add a remark"),
                ],
                "verbose_name": "after-sales case",
            },
        ),
    ]
