"""Addresses of cases under /api/v1/aftersales/."""

from django.urls import path

from aftersales.api.cases.marketplaces import ReadAgainView, SendAgainView
from aftersales.api.cases.other_systems import InformationView, StatusView, UpsertView
from aftersales.api.cases.reading import CarrierList, CaseDetail, CaseLogList, PreviewView
from aftersales.api.cases.views import ActionsView, CaseList, ReturnShipmentView

urlpatterns = [
    path("", CaseList.as_view(), name="api-cases"),
    path("preview/", PreviewView.as_view()),
    path("carriers/", CarrierList.as_view()),
    path("upsert/", UpsertView.as_view()),
    path("<int:id>/", CaseDetail.as_view(), name="api-case"),
    path("<int:id>/log/", CaseLogList.as_view()),
    path("<int:id>/actions/", ActionsView.as_view()),
    path("<int:id>/return-shipment/", ReturnShipmentView.as_view()),
    path("<int:id>/status/", StatusView.as_view()),
    path("<int:id>/information/", InformationView.as_view()),
    path("<int:id>/read-again/", ReadAgainView.as_view()),
    path("<int:id>/send-again/", SendAgainView.as_view()),
]
