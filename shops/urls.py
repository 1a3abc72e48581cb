"""Addresses of shops outside of the admin and the API."""

from django.urls import path

from shops.views import authorised_view

urlpatterns = [path("authorised/", authorised_view, name="shops_authorised")]
