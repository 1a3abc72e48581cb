"""The document and its page: complete, only for people and services that are known, and from our own host."""

import json
from io import StringIO

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from tests.factories.api import make_caller, make_person

pytestmark = pytest.mark.django_db
DOCUMENT, PAGE = "/api/v1/schema/", "/api/v1/docs/"


@pytest.fixture
def document(shop):
    return make_caller(shop).get(DOCUMENT).json()


def operations(document):
    return [operation for methods in document["paths"].values() for operation in methods.values()]


def test_the_document_is_valid_and_made_without_a_warning():
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


@pytest.mark.parametrize("address", [DOCUMENT, PAGE])
def test_it_needs_a_login(client, address):
    answer = client.get(address)
    if address == PAGE:
        assert (answer.status_code, answer.url) == (302, f"{reverse('admin:login')}?next={PAGE}")
    else:
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("address", [DOCUMENT, PAGE])
def test_a_token_or_the_login_of_staff_opens_it(client, shop, address):
    assert make_caller(shop).get(address).status_code == 200
    client.force_login(make_person(is_staff=True, may=()))
    assert client.get(address).status_code == 200
    client.force_login(make_person())
    assert client.get(address).status_code in (302, 401)


def test_it_is_json_or_yaml_and_both_say_the_same(shop, document):
    caller = make_caller(shop)
    answer = caller.client.get(DOCUMENT, headers={**caller.headers, "Accept": "application/yaml"})
    assert "yaml" in answer["Content-Type"]
    assert yaml.safe_load(answer.content) == document
    other = caller.client.get(DOCUMENT, headers={**caller.headers, "Accept": "text/csv"})
    assert (other.status_code, other.json()["code"]) == (406, "not_acceptable")
    refused = caller.client.get(DOCUMENT, headers={"Accept": "application/yaml"})
    assert (refused.status_code, refused["Content-Type"]) == (401, "application/json")


def test_every_operation_has_words_examples_a_login_and_every_error(document):
    assert len(operations(document)) == 45
    for operation in operations(document):
        assert operation["summary"]
        assert operation["description"]
        assert operation["security"] == [{"token": []}, {"session": []}]
        good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        assert all(answer["content"]["application/json"]["examples"] for answer in good)
        assert {"400", "401", "403", "405", "406", "413", "500"} <= set(operation["responses"])
        assert all(
            parameter["description"] for parameter in operation.get("parameters", []) if parameter["in"] != "path"
        )


def test_every_error_has_the_one_shape(document):
    shown = document["components"]["responses"]
    for answer in shown.values():
        assert answer["description"]
        body = answer["content"]["application/json"]
        assert body["schema"] == {"$ref": "#/components/schemas/Error"}
        assert {"code", "message"} <= set(body["example"])


def test_no_secret_of_a_shop_is_a_field(document):
    fields = set(document["components"]["schemas"]["Shop"]["properties"])
    assert not fields & {"access_token", "refresh_token", "cipher", "app", "credential"}


def test_the_page_asks_no_other_host(client):
    """On another host than localhost the library would send the document's address to a validator of its makers."""
    client.force_login(make_person(is_staff=True))
    page = client.get(PAGE).content.decode()
    assert '"validatorUrl": null' in page
    assert "//cdn" not in page
    assert "https://" not in page
    assert settings.SPECTACULAR_SETTINGS["SWAGGER_UI_DIST"] == "SIDECAR"


def test_examples_have_the_fields_of_their_schemas(document):
    schemas = document["components"]["schemas"]
    for operation in operations(document):
        for status, answer in operation["responses"].items():
            if not status.startswith("2"):
                continue
            content = answer["content"]["application/json"]
            schema = schemas[content["schema"]["$ref"].rpartition("/")[2]]
            example = next(iter(content["examples"].values()))["value"]
            if "results" in schema["properties"]:
                schema = schemas[schema["properties"]["results"]["items"]["$ref"].rpartition("/")[2]]
                example = example["results"][0]
            assert set(example) == set(schema["properties"]), json.dumps(operation["operationId"])
