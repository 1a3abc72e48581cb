"""Writes a parent order with its children as Temu shows it, computed afresh each time it is asked for."""

from typing import Any

from shops.sandbox.catalogue import Sku
from shops.sandbox.dataset import DAY_SECONDS
from shops.sandbox.temu.lines import (
    Child,
    child_status,
    children_of,
    confirmed_at,
    delivery_type_of,
    fulfilment_of,
    is_shipped,
    packages_of,
    ship_by,
    times_of,
)
from shops.sandbox.temu.names import goods_id, product_id, product_sku_id, sku_id
from shops.sandbox.temu.seller import Seller
from shops.sandbox.temu.statuses import Status, status_of
from shops.sandbox.temu.switches import Switches
from shops.sandbox.windows import OrderState

PARENT_LABELS = (
    "soon_to_be_overdue", "past_due", "pending_buyer_cancellation", "pending_buyer_address_change",
    "pending_risk_control_alert", "signature_required_on_delivery",
)  # fmt: skip
_CHILD_LABELS = (
    "customized_products", "US_to_CA", "is_US_to_CA_BBC", "Y2_advance_sale", "pre_sale_order", "made_to_order"
)  # fmt: skip
# What may be null somewhere, by the captures of several areas.
_NULLABLE_PARENT = (
    "parentOrderPendingFinishTime", "parentConfirmTime", "expectShipLatestTime", "latestDeliveryTime",
    "parentShippingTime", "siteId", "shippingMethod", "orderPaymentType", "hasShippingFee", "batchOrderNumberList",
    "fulfillmentWarning", "isShipmentConsolidatedByMainMall", "parentOrderLabel",
)  # fmt: skip
_NULLABLE_CHILD = (
    "originalSpecName", "originalGoodsName", "thumbUrl", "spec", "productList", "orderLabel", "fulfillmentWarning",
    "packageAbnormalTypeList", "inventoryDeductionWarehouseId", "inventoryDeductionWarehouseName", "orderPaymentType",
    "isCancelledDuringPending", "orderShippingTime", "isShipmentConsolidatedByMainMall",
)  # fmt: skip
_NO_CHILD_LABELS = [{"name": name, "value": 0} for name in _CHILD_LABELS]


class OrderWriter:
    """Writes the orders of one shop."""

    def __init__(self, seller: Seller, switches: Switches) -> None:
        self._seller = seller
        self._switches = switches
        self._sku_parts: dict[str, dict[str, Any]] = {}

    def row(self, state: OrderState) -> dict[str, Any]:
        """Return an entry of the list: no money, no address, no package number [A]."""
        children = [self._child(state, child) for child in children_of(self._seller, state)]
        parent = self._parent(state)
        parent["updateTime"] = state.updated
        return self._thinned({"parentOrderMap": parent, "orderList": children})

    def detail(self, state: OrderState, now: int) -> dict[str, Any]:
        """Return one order with the numbers of its shipped packages; it tells no update time [A]."""
        seller = self._seller
        packages = [parcel for parcel in packages_of(seller, state, now) if is_shipped(parcel)]
        children = []
        for child in children_of(seller, state):
            shown = self._child(state, child)
            shown["packageSnInfo"] = [
                {
                    "packageSn": seller.names.package(state.position, parcel.number),
                    "packageDeliveryType": delivery_type_of(state),
                    "callSuccess": delivery_type_of(state) % 2 == 0 or None,
                }
                for parcel in packages
                if set(child.positions) & set(parcel.units)
            ]
            shown["hasUploadedEvidence"] = False
            children.append(shown)
        levels = seller.people.recipient(state.digest, masked=False)["district_info"]
        parent = self._parent(state)
        parent |= {f"regionName{at}": level["address_name"] for at, level in enumerate(levels[:3], start=1)}
        return self._thinned({"parentOrderMap": parent, "orderList": children})

    def address(self, state: OrderState) -> dict[str, Any]:
        """Return the buyer's address, as it is shown until the order is finished."""
        person = self._seller.people.recipient(state.digest, masked=False)
        levels = [level["address_name"] for level in person["district_info"]]
        shown: dict[str, Any] = {f"regionName{at + 1}": (levels + [None] * 4)[at] for at in range(4)}
        extra = {"additionalFirstName": None, "additionalLastName": None}
        return shown | {
            "receiptName": person["name"],
            "receiptAdditionalName": None,
            "mobile": person["phone_number"],
            "backupMobile": None,
            "mail": f"synthetic{state.position:06d}@shipping.example.test",
            "addressLine1": person["address_line1"],
            "addressLine2": None,
            "addressLine3": None,
            "addressLineAll": person["address_line1"],
            "postCode": person["postal_code"] or "00000",
            "taxCode": None,
            "addressExtra": {"firstName": person["first_name"], "lastName": person["last_name"], **extra},
            "warning": {"isRestriction": False, "reason": None},
        }

    def _parent(self, state: OrderState) -> dict[str, Any]:
        confirmed = confirmed_at(state)
        is_asked = state.path.path.events[state.step] == "cancel_requested"
        country = self._seller.country
        labels = [] if self._switches.are_labels_empty else [
            {"name": name, "value": int(is_asked and name == "pending_buyer_cancellation")} for name in PARENT_LABELS
        ]  # fmt: skip
        return {
            "parentOrderSn": self._seller.names.parent(state.position),
            "parentOrderStatus": int(status_of(state.path.number, state.step)),
            "parentOrderTime": state.created,
            "parentOrderPendingFinishTime": confirmed,
            "parentConfirmTime": confirmed,
            "expectShipLatestTime": ship_by(state),
            "latestDeliveryTime": state.created + 15 * DAY_SECONDS,
            "parentShippingTime": times_of(state).get("collected"),
            "regionId": country.region_id,
            "siteId": country.site_id,
            "shippingMethod": 1,
            "orderPaymentType": "COD" if state.path.path.is_cod else "PPD",
            # True means that the buyer paid nothing [A: documented oddly].
            "hasShippingFee": self._seller.goods.bill(state).shipping == 0,
            "batchOrderNumberList": None,
            "parentOrderLabel": labels,
            "fulfillmentWarning": [],
            "isShipmentConsolidatedByMainMall": False,
        }

    def _child(self, state: OrderState, child: Child) -> dict[str, Any]:
        status = child_status(state, child)
        is_cancelled = status == Status.CANCELLED
        times = times_of(state)
        shipped_at = times.get("collected", times.get("partly_shipped") if status != Status.TO_SHIP else None)
        return {
            **(self._sku_parts.get(child.unit.sku.sku_id) or self._sku_part(child.unit.sku)),
            "orderSn": child.order_sn,
            "orderStatus": int(status),
            "originalOrderQuantity": child.quantity,
            "canceledQuantityBeforeShipment": child.quantity if is_cancelled else 0,
            "quantity": 0 if is_cancelled else child.quantity,
            "orderCreateTime": state.created,
            "orderShippingTime": shipped_at,
            "orderPaymentType": "COD" if state.path.path.is_cod else "PPD",
            "orderLabel": [] if self._switches.are_labels_empty else _NO_CHILD_LABELS,
            "fulfillmentType": fulfilment_of(state),
            "isCancelledDuringPending": is_cancelled and confirmed_at(state) is None,
        }

    def _sku_part(self, sku: Sku) -> dict[str, Any]:
        """Return what all children with this sku share."""
        parts = sku.parts or ((sku, 1),)
        number = sku_id(sku.sku_id)
        part = self._sku_parts[sku.sku_id] = {
            "goodsId": goods_id(sku.product_id),
            "skuId": number,
            "goodsName": sku.product_name,
            "originalGoodsName": sku.product_name,
            "spec": sku.sku_name,
            "originalSpecName": sku.sku_name,
            "thumbUrl": f"https://img.example.test/sandbox/{number}_800x800.jpeg",
            "productList": [
                {
                    "productId": product_id(of.product_id),
                    "productSkuId": product_sku_id(of.sku_id),
                    "extCode": of.seller_sku,
                    "soldFactor": count,
                }
                for of, count in parts
            ],
            "fulfillmentWarning": [],
            "packageAbnormalTypeList": [],
            "inventoryDeductionWarehouseId": f"WH-{self._seller.number + 1:017d}",
            "inventoryDeductionWarehouseName": "Main warehouse",
            "earliestTimeBuyShippingLabel": None,
            "earliestTimeGetShippingDocument": None,
            "qualificationUploadEndTime": None,
            "isShipmentConsolidatedByMainMall": False,
        }
        return part

    def _thinned(self, entry: dict[str, Any]) -> dict[str, Any]:
        if self._switches.are_fields_null:
            entry["parentOrderMap"] |= dict.fromkeys(_NULLABLE_PARENT)
            for child in entry["orderList"]:
                child |= dict.fromkeys(_NULLABLE_CHILD)
        return entry
